import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test, vi } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { Emulator, EmulatorOptions } from '../src/index.ts'
import { createIngestionDelay } from '../src/ingestion-delay.ts'
import { upload } from './upload.ts'

/** Longer than any test. */
const FOR_EVER_MS = 3_600_000

async function start(options: EmulatorOptions): Promise<Emulator> {
  const emulator = await startEmulator({ https: false, ...options })
  onTestFinished(() => emulator.close())
  return emulator
}

test('rows become visible when their time has come, in their order', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const stored: unknown[] = []
  const onVisible = vi.fn<() => void>()
  const delay = createIngestionDelay(15_000, (table, rows) => stored.push([table, rows]), onVisible)
  delay.insert('A', [['first']])
  vi.advanceTimersByTime(5000)
  delay.insert('B', [['second']])
  vi.advanceTimersByTime(9999)
  expect(stored).toEqual([])
  vi.advanceTimersByTime(1)
  expect(stored).toEqual([['A', [['first']]]])
  vi.advanceTimersByTime(5000)
  expect(stored).toEqual([
    ['A', [['first']]],
    ['B', [['second']]],
  ])
  expect(onVisible).toHaveBeenCalledTimes(2)
})

test('an upload is accepted at once and can be read later', async () => {
  const emulator = await start({ visibleAfterMs: 50 })
  expect((await upload(emulator, [{ Message: 'late' }])).status).toBe(204)
  expect(emulator.verdicts()).toMatchObject([{ rowsStored: 1 }])
  expect(await emulator.waitForRows(1)).toMatchObject([{ Message: 'late' }])
})

test('rows that are not visible yet are not there, and clear forgets them', async () => {
  const emulator = await start({ visibleAfterMs: FOR_EVER_MS })
  await upload(emulator, [{}])
  expect(emulator.rows()).toEqual([])
  emulator.clear()
  expect(emulator.rows()).toEqual([])
})

test('close stores what was accepted', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'azlogs-test-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const database = join(directory, 'rows.db')
  const first = await start({ database, visibleAfterMs: FOR_EVER_MS })
  await upload(first, [{ Message: 'accepted' }])
  await first.close()
  const second = await start({ database })
  expect(second.rows()).toMatchObject([{ Message: 'accepted' }])
})

test.each([-1, Number.NaN, 2 ** 31])('%d is no delay', async (visibleAfterMs) => {
  await expect(startEmulator({ https: false, visibleAfterMs })).rejects.toThrow(RangeError)
})
