import { join } from 'node:path'

import type { SpoolInstance } from '@azlogs/core'
import { createShipper } from '@azlogs/core'
import { startEmulator } from '@azlogs/emulator'
import { afterAll, expect, test, vi } from 'vitest'

import { createOutput } from '../src/output.ts'
import { describeTotal, printInstances } from '../src/spool/listing.ts'
import { runHere } from './run-cli.ts'
import { closedPort, directoryForTest } from './surroundings.ts'

vi.setConfig({ testTimeout: 120_000 })

const emulator = await startEmulator({ https: false })
afterAll(() => emulator.close())

/** A spool in which shippers for these streams have left a row each. */
async function spoolFor(...streams: readonly string[]): Promise<string> {
  const directory = join(await directoryForTest(), 'spool')
  const nowhere = `http://127.0.0.1:${await closedPort()}`
  for (const streamName of streams) {
    const shipper = createShipper({
      endpoint: nowhere,
      ruleId: emulator.ruleId,
      streamName,
      credential: emulator.credential,
      spool: { directory, durability: 'wal', minFreeBytes: 0 },
      closeTimeoutMs: 0,
      onProblem: () => {},
    })
    shipper.push({ TimeGenerated: new Date().toISOString(), Message: streamName })
    await shipper.close()
  }
  return directory
}

test('of several streams the one to send is chosen by the flags, and the rest stays', async () => {
  const directory = await spoolFor(emulator.streamName, 'Custom-Other_CL')
  const unsaid = await runHere(['spool', 'send', directory, '--endpoint', emulator.url], {
    env: { AZURE_DCE_ENDPOINT: emulator.url },
  })
  expect(unsaid.code).toBe(2)
  const nothing = await runHere(['spool', 'send', directory], { env: {} })
  expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining('endpoint is missing') as string })
  const ran = await runHere(
    ['spool', 'send', directory, '--rule-id', emulator.ruleId, '--stream', emulator.streamName],
    { env: { ...emulator.env, AZURE_DCR_RULE_ID: undefined, AZURE_DCR_STREAM_NAME: undefined } },
  )
  expect(ran).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(
      /^1 record delivered from 1 file.*\n.*Its rows are for stream Custom-Other_CL/,
    ) as string,
  })
  const { stdout } = await runHere(['spool', 'ls', directory])
  expect(stdout).toContain('Custom-Other_CL')
  expect(stdout).not.toContain(`${emulator.streamName} of`)
})

test('an instance is told with its process and its host, as far as they are known', () => {
  const { lines, out } = listening()
  const instance = (changes: object): SpoolInstance =>
    ({
      path: '/spool/i-1',
      state: 'alive',
      host: undefined,
      pid: undefined,
      files: [],
      problem: undefined,
      ...changes,
    }) as never
  const file = {
    path: '/spool/i-1/a.spool',
    bytes: 1500,
    header: undefined,
    problem: 'it is a symbolic link',
  }
  printInstances(
    [
      instance({}),
      instance({ state: 'dead', pid: 7 }),
      instance({ state: 'unknown', pid: 7, host: 'web-1', files: [file] }),
      instance({ problem: 'it belongs to somebody else' }),
    ] as never,
    out,
    () => '  (noted)',
  )
  expect(lines).toEqual([
    'i-1  its process runs and ships it',
    'i-1  its process is gone: the next one of the application takes it over, pid 7',
    'i-1  of another host or container, pid 7 on web-1',
    '  a.spool  1.5 kB  (noted)  ! it is a symbolic link',
    'i-1  it belongs to somebody else',
  ])
  expect(describeTotal([instance({ files: [file] })])).toBe('1 file, 1.5 kB, waiting since an unknown time')
})

/** An output whose lines are kept. */
function listening(): { readonly lines: string[]; readonly out: ReturnType<typeof createOutput> } {
  const lines: string[] = []
  const plain = (_format: unknown, text: string): string => text
  return { lines, out: { ...createOutput(false), line: (text = '') => void lines.push(text), style: plain } }
}
