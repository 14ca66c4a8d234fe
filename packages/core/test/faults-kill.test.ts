import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { runSpooling, spoolPath } from './spooling.ts'
import type { Ending } from './spooling.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

/** Rounds of the cases that chance may decide. */
const ROUNDS = 20

/** The variables of a process whose server is down. */
function withoutServer(): Record<string, string> {
  return { ...emulator.env, AZURE_DCE_ENDPOINT: 'http://127.0.0.1:9' }
}

/** What the emulator has, which no killed process can take back. */
function arrived(): { readonly ids: ReadonlySet<number>; readonly rows: number; readonly damaged: number } {
  const rows = emulator.rows()
  const expected = createHash('sha256').update('x'.repeat(230)).digest('hex')
  let damaged = 0
  const ids = rows.map((row) => {
    const { n, text } = row['Properties'] as { readonly n: number; readonly text: string }
    const whole = createHash('sha256').update(text).digest('hex') === expected
    if (!whole || row['Message'] !== `record ${n}` || row['RecordId'] !== `r-${n}`) damaged += 1
    return n
  })
  return { ids: new Set(ids), rows: rows.length, damaged }
}

function missingOf(ids: ReadonlySet<number>, count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => n).filter((n) => !ids.has(n))
}

function recover(directory: string, first: number): Promise<Ending> {
  return runSpooling(['recover', directory, first, 1], emulator.env)
}

test(`F1 kill -9 with 50,000 durable records and no server: the next process delivers each of them once`, async () => {
  const directory = spoolPath()
  const killed = await runSpooling(['burst', directory, 0, 50_000], withoutServer(), (stdout, kill) => {
    if (stdout.includes('durable')) kill('SIGKILL')
  })
  expect(killed).toMatchObject({ signal: 'SIGKILL', durable: 50_000 })
  expect(await recover(directory, 50_000)).toMatchObject({ code: 0, stderr: '' })
  const { ids, rows, damaged } = arrived()
  expect(missingOf(ids, 50_001)).toEqual([])
  expect({ rows, damaged }).toEqual({ rows: 50_001, damaged: 0 })
  expect(readdirSync(directory)).toEqual([])
})

test.each(Array.from({ length: ROUNDS }, (_, round) => round))(
  'F1 round %i: killed at any moment of a burst, what was durable is delivered once',
  async (round) => {
    const directory = spoolPath()
    const killed = await runSpooling(['steady', directory, 0, 20_000], withoutServer(), (stdout, kill) => {
      if (stdout.length > 14 + round * 90) kill('SIGKILL')
    })
    expect(killed.durable).toBeGreaterThan(0)
    expect(await recover(directory, 20_000)).toMatchObject({ code: 0, stderr: '' })
    const { ids, rows, damaged } = arrived()
    expect(missingOf(ids, killed.durable)).toEqual([])
    expect({ rows, damaged }).toEqual({ rows: ids.size, damaged: 0 })
  },
)

test.each(Array.from({ length: ROUNDS }, (_, round) => round))(
  'F2 round %i: killed while it uploads, nothing durable is missing and only what was in flight came twice',
  async (round) => {
    const directory = spoolPath()
    emulator.answerNext({ delayMs: 10, times: 200 })
    const enough = emulator.waitForRequests(8 + round * 2)
    const killed = await runSpooling(
      ['steady', directory, 0, 50_000],
      { ...emulator.env, FLUSH_MS: '5' },
      (_stdout, kill) => void enough.then(() => kill('SIGKILL')),
    )
    expect(killed).toMatchObject({ signal: 'SIGKILL', stderr: '' })
    expect(await recover(directory, 50_000)).toMatchObject({ code: 0, stderr: '' })
    const { ids, rows, damaged } = arrived()
    expect(missingOf(ids, killed.durable)).toEqual([])
    expect(damaged).toBe(0)
    // Four requests at most were under way.
    expect(rows - ids.size).toBeLessThanOrEqual(4 * 500)
  },
)

test.each(['exit', 'throw'] as const)(
  'a process that ends by %s loses nothing of what it logged last, in both modes',
  async (way) => {
    for (const durability of ['wal', 'spill']) {
      emulator.clear()
      const directory = spoolPath()
      const { stderr } = await runSpooling([way, directory, 0, 1000], {
        ...withoutServer(),
        DURABILITY: durability,
      })
      expect(stderr).not.toContain('lost')
      await recover(directory, 1000)
      const { ids, rows } = arrived()
      expect(missingOf(ids, 1001)).toEqual([])
      expect(rows).toBe(1001)
    }
  },
)

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s with no server leaves everything in the spool',
  async (signal) => {
    const directory = spoolPath()
    const ended = await runSpooling(
      ['signal', directory, 0, 1000],
      { ...withoutServer(), DURABILITY: 'spill' },
      (_stdout, kill) => kill(signal),
    )
    expect(ended).toMatchObject({ signal })
    expect(ended.stderr).not.toContain('lost')
    await recover(directory, 1000)
    expect(missingOf(arrived().ids, 1001)).toEqual([])
  },
)
