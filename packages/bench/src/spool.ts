import { execFile, fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import type { ReceiverMessage } from './receiver-process.ts'
import { table } from './text-chart.ts'

const MODES = ['memory', 'spill', 'wal'] as const

/** Rounds, in each of which every mode has its turn. */
const ROUNDS = 7

const ROWS = 100_000

/** What a row of 313 bytes may cost more than in memory, in microseconds of CPU. */
const TARGET_MICROS = 2

/** What a spool costs a process that logs and whose server is well. */
export async function spool(print: (line: string) => void): Promise<boolean> {
  const receiver = fork(programOf('receiver-process.ts'), { execArgv: ['--conditions=dev'] })
  const directory = await mkdtemp(join(tmpdir(), 'azlogs-bench-'))
  try {
    const { url } = (await messageOf(receiver)) as { readonly url: string }
    const costs: Record<string, number[]> = { memory: [], spill: [], wal: [] }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const mode of MODES) costs[mode]?.push(await measure(receiver, url, mode, join(directory, mode)))
    }
    const medians = MODES.map((mode) => median(costs[mode] ?? []))
    const [memory = 0] = medians
    print(
      `${ROWS.toLocaleString('en')} rows of 313 bytes in bursts of 100, medians of ${ROUNDS} rounds in turns`,
    )
    print(
      table([
        ['mode', 'CPU µs a row', 'more than memory'],
        ...MODES.map((mode, index) => {
          const cost = medians[index] ?? 0
          return [mode, cost.toFixed(2), index === 0 ? '' : (cost - memory).toFixed(2)]
        }),
      ]),
    )
    return medians.every((cost) => cost - memory <= TARGET_MICROS)
  } finally {
    receiver.disconnect()
    await rm(directory, { recursive: true, force: true })
  }
}

async function measure(
  receiver: ChildProcess,
  url: string,
  mode: string,
  directory: string,
): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=dev',
    programOf('spool-process.ts'),
    url,
    mode,
    String(ROWS),
    directory,
  ])
  const { cpuMicros, dropped } = JSON.parse(stdout) as {
    readonly cpuMicros: number
    readonly dropped: number
  }
  receiver.send(ROWS)
  const { rows, missing } = (await messageOf(receiver)) as { readonly rows: number; readonly missing: number }
  if (missing > 0 || dropped > 0) {
    throw new Error(`${mode}: of ${ROWS} rows ${missing} are missing, ${dropped} were dropped, ${rows} came`)
  }
  return cpuMicros
}

async function messageOf(receiver: ChildProcess): Promise<ReceiverMessage> {
  const [message] = (await once(receiver, 'message')) as [ReceiverMessage]
  return message
}

function programOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? Number.NaN
}
