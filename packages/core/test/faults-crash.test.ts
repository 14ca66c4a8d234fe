import { readdirSync } from 'node:fs'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { runFixture, spoolPath } from './spooling.ts'
import type { Ending } from './spooling.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())

function crash(directory: string, first: number, at: number): Promise<Ending> {
  return runFixture('crashing.ts', [directory, first, at], emulator.env)
}

function changesOf({ stdout }: Ending): number {
  return Number(stdout.match(/changes (\d+)/)?.[1])
}

/** Records `first` to `durable` that never arrived. */
function missing(first: number, { durable }: Ending): readonly number[] {
  const ids = new Set(emulator.rows().map(({ RecordId }) => RecordId))
  return Array.from({ length: Math.max(0, durable - first) }, (_, n) => first + n).filter(
    (n) => !ids.has(`r-${n}`),
  )
}

/** Changes to the file system of an undisturbed run are some thirty; one that also takes over has a few more. */
const MOST_CHANGES = 60

test('F3 killed before or within any change to the file system, twice in a row, nothing durable is missing', async () => {
  const changes = changesOf(await crash(spoolPath(), 0, 0))
  expect(changes).toBeGreaterThan(15)
  expect(changes).toBeLessThan(MOST_CHANGES)
  let killed = 0

  async function crashAt(at: number): Promise<void> {
    const directory = spoolPath()
    const base = at * 1000
    const first = await crash(directory, base, at)
    if (first.signal === 'SIGKILL') killed += 1
    // This one finds what the first left, and is killed while it takes it over or later.
    const second = await crash(directory, base + 100, at)
    const third = await crash(directory, base + 200, 0)
    expect(third, `killed at change ${at}`).toMatchObject({ code: 0, durable: base + 240 })
    const lost = [...missing(base, first), ...missing(base + 100, second), ...missing(base + 200, third)]
    expect(lost, `killed at change ${at}`).toEqual([])
    const files = readdirSync(directory, { recursive: true }).map(String)
    expect(files.filter((name) => name.endsWith('.spool'))).toEqual([])
  }

  const moments = Array.from({ length: changes }, (_, n) => n + 1).values()
  // Two at a time: each of them waits for processes.
  await Promise.all(
    [1, 2].map(async () => {
      for (const at of moments) await crashAt(at)
    }),
  )
  // How many changes there are at the end depends on what has been delivered by then.
  expect(killed).toBeGreaterThan(changes - 6)
}, 600_000)
