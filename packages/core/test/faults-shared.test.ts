import { readdirSync } from 'node:fs'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'

import type { ClusterResult } from './fixtures/cluster.ts'
import { runFixture, runSpooling, spoolPath } from './spooling.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

const WORKERS = 8
const KILLED = 3

/** The ids of what has arrived, which no killed process can take back. Throws where bytes of several records are mixed. */
function arrivedIds(): readonly string[] {
  return emulator.rows().map(({ RecordId, Message, Properties }) => {
    const id = String(RecordId)
    const { text } = Properties as { readonly text: string }
    expect({ Message, text }).toEqual({ Message: `record ${id}`, text: id.repeat(40) })
    return id
  })
}

test(`F28 ${WORKERS} workers of a cluster share a spool, ${KILLED} are killed: the others deliver what was durable, once`, async () => {
  const directory = spoolPath()
  const ending = await runFixture('cluster.ts', [directory, WORKERS, KILLED], emulator.env)
  expect(ending).toMatchObject({ code: 0, stderr: '' })
  const { durable, durableAtKill, killed, stats } = JSON.parse(ending.stdout) as ClusterResult
  const ids = arrivedIds()
  const unique = new Set(ids)
  const promised = Object.entries(durable).flatMap(([worker, count]) =>
    Array.from({ length: count }, (_, n) => `${worker}-${n}`),
  )
  expect(promised.filter((id) => !unique.has(id))).toEqual([])
  // Nothing was in flight when they were killed, so that each of their files was taken over by one process only.
  expect(ids).toHaveLength(unique.size)
  // The deaths were real, the rows came by way of the others, and held nobody up.
  expect(killed).toHaveLength(KILLED)
  expect(stats).toHaveLength(WORKERS - KILLED)
  const ofTheDead = ids.filter((id) => killed.includes(Number(id.split('-')[0])))
  expect(ofTheDead.length).toBeGreaterThanOrEqual(KILLED * 100)
  expect(stats.reduce((sum, { recovered }) => sum + recovered, 0)).toBe(ofTheDead.length)
  for (const one of stats)
    expect(one).toMatchObject({ pending: 0, dropped: 0, spool: { damaged: 0, files: 0 } })
  for (const worker of Object.keys(durable)) {
    if (killed.includes(Number(worker))) continue
    expect(durable[worker]).toBeGreaterThan(durableAtKill[worker] ?? Number.POSITIVE_INFINITY)
  }
  expect(readdirSync(directory)).toEqual([])
}, 120_000)

test('F28 of two unrelated processes with one directory, the living one delivers what the killed one had made durable', async () => {
  const directory = spoolPath()
  let endSecond = (): void => {}
  const second = runSpooling(
    ['steady', directory, 1_000_000, 500],
    { ...emulator.env, FLUSH_MS: '50' },
    (_stdout, kill) => {
      endSecond = () => kill('SIGTERM')
    },
  )
  const first = await runSpooling(
    ['steady', directory, 0, 1_000_000],
    { ...emulator.env, FLUSH_MS: '600000' },
    (stdout, kill) => {
      if (stdout.includes('durable 1000\n')) kill('SIGKILL')
    },
  )
  expect(first.signal).toBe('SIGKILL')
  expect(first.durable).toBeGreaterThanOrEqual(1000)
  const wanted = [...ids(0, first.durable), ...ids(1_000_000, 500)]
  await vi.waitFor(
    () => {
      const arrived = new Set(emulator.rows().map(({ RecordId }) => RecordId))
      expect(wanted.filter((id) => !arrived.has(id))).toEqual([])
    },
    { timeout: 60_000, interval: 250 },
  )
  endSecond()
  expect(await second).toMatchObject({ signal: 'SIGTERM', stderr: '', durable: 1_000_500 })
  expect(readdirSync(directory)).toEqual([])
}, 120_000)

function ids(from: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `r-${from + n}`)
}
