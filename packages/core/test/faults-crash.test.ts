import { mkdirSync, readdirSync } from 'node:fs'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { runFixture, spoolPath } from './spooling.ts'
import type { Ending } from './spooling.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

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
  const clean = spoolPath()
  mkdirSync(clean, { mode: 0o700 })
  const changes = changesOf(await crash(clean, 0, 0))
  expect(changes).toBeGreaterThan(15)
  expect(changes).toBeLessThan(MOST_CHANGES)
  for (let at = 1; at <= changes + 5; at += 1) {
    emulator.clear()
    const directory = spoolPath()
    const first = await crash(directory, 0, at)
    expect(first.signal).toBe(at <= changes ? 'SIGKILL' : null)
    // This one finds what the first left, and is killed while it takes it over or later.
    const second = await crash(directory, 100, at)
    const third = await crash(directory, 200, 0)
    expect(third, `killed at change ${at}`).toMatchObject({ code: 0, durable: 240 })
    expect(
      [...missing(0, first), ...missing(100, second), ...missing(200, third)],
      `killed at change ${at}`,
    ).toEqual([])
    const files = readdirSync(directory, { recursive: true }).map(String)
    expect(files.filter((name) => name.endsWith('.spool'))).toEqual([])
  }
}, 600_000)
