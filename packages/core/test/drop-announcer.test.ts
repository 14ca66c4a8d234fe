import { expect, test } from 'vitest'

import { createDropAnnouncer } from '../src/drop-announcer.ts'
import type { DropAnnouncer } from '../src/drop-announcer.ts'
import { createVirtualClock } from './virtual-clock.ts'
import type { VirtualClock } from './virtual-clock.ts'

interface Subject {
  readonly announcer: DropAnnouncer
  readonly clock: VirtualClock
  /** `Properties.droppedByLevel` of each row that was offered. */
  readonly offered: unknown[]
}

function start(isRoom: () => boolean = () => true): Subject {
  const clock = createVirtualClock()
  const offered: unknown[] = []
  const announcer = createDropAnnouncer(clock, (row) => {
    offered.push(Reflect.get(Reflect.get(row, 'Properties') as object, 'droppedByLevel'))
    return isRoom()
  })
  return { announcer, clock, offered }
}

test('a minute of drops makes one row, with exact sums by level', async () => {
  const { announcer, clock, offered } = start()
  for (let n = 0; n < 100; n += 1) announcer.dropped(n % 4 === 0 ? { debug: 1 } : { info: 2 })
  await clock.advance(59_000)
  expect(offered).toEqual([])
  await clock.advance(1000)
  expect(offered).toEqual([{ debug: 25, info: 150 }])
  await clock.advance(600_000)
  expect(offered).toHaveLength(1)
  expect(clock.pendingTimers).toBe(0)
})

test('while records go on being dropped there is one row a minute', async () => {
  const { announcer, clock, offered } = start()
  for (let second = 0; second < 300; second += 1) {
    announcer.dropped({ info: 1 })
    await clock.advance(1000)
  }
  await clock.advance(60_000)
  expect(offered).toHaveLength(5)
  expect(
    offered.reduce((sum: number, levels) => sum + Number(Reflect.get(levels as object, 'info')), 0),
  ).toBe(300)
})

test('a row that finds no room is offered again with the next sums: nothing is forgotten', async () => {
  let room = false
  const { announcer, clock, offered } = start(() => room)
  announcer.dropped({ info: 1 })
  await clock.advance(60_000)
  announcer.dropped({ error: 2 })
  await clock.advance(60_000)
  room = true
  await clock.advance(60_000)
  expect(offered).toEqual([{ info: 1 }, { info: 1, error: 2 }, { info: 1, error: 2 }])
  await clock.advance(600_000)
  expect(offered).toHaveLength(3)
})

test('flush() announces at once and leaves no timer', () => {
  const { announcer, clock, offered } = start()
  announcer.flush()
  announcer.dropped({ info: 3 })
  announcer.flush()
  expect(offered).toEqual([{ info: 3 }])
  expect(clock.pendingTimers).toBe(0)
})

test('the row says in words what is missing, and is a row of the default table', () => {
  let row: object = {}
  const announcer = createDropAnnouncer(createVirtualClock(), (offered) => {
    row = offered
    return true
  })
  announcer.dropped({ debug: 12, info: 3 })
  announcer.flush()
  expect(row).toMatchObject({
    Level: 'warn',
    SeverityNumber: 13,
    Logger: 'azlogs',
    Properties: { droppedRecords: 15 },
  })
  expect(Reflect.get(row, 'Message')).toMatch(
    /^15 log records are missing here, logged from .+ to .+: 12 debug, 3 info$/,
  )
})
