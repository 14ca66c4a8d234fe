import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import type { Receiver } from './receiver/receiver.ts'

const run = promisify(execFile)

/** No subject takes that long: it hangs. */
const DEADLINE_MS = 300_000

/** With what is compiled already, Node.js needs no TypeScript compiler in the process, which would count as the subject's memory. */
const COMPILE_CACHE = join(tmpdir(), 'azlogs-bench-compile-cache')

/** Runs `subjects/<program>-process.ts` to its end and reads the JSON that it prints. */
export async function runSubject<Result>(
  program: string,
  arguments_: readonly string[],
  receiver: Pick<Receiver, 'caFile'>,
  nodeArguments: readonly string[] = [],
): Promise<Result> {
  const script = fileURLToPath(new URL(`subjects/${program}-process.ts`, import.meta.url))
  const { stdout, stderr } = await run(process.execPath, [...nodeArguments, script, ...arguments_], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: receiver.caFile, NODE_COMPILE_CACHE: COMPILE_CACHE },
    maxBuffer: 64 * 1024 * 1024,
    timeout: DEADLINE_MS,
  })
  try {
    return JSON.parse(stdout) as Result
  } catch {
    throw new Error(`${program} ${arguments_.join(' ')} printed no result: ${stdout}\n${stderr}`)
  }
}
