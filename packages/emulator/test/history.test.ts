import { expect, test } from 'vitest'

import { createHistory } from '../src/history.ts'

test('the last 10,000 entries are remembered, and those that go are handed back', () => {
  const history = createHistory<number>()
  for (let entry = 0; entry < 10_000; entry += 1) expect(history.add(entry)).toEqual([])
  expect(history.add(10_000)).toEqual([0])
  expect(history.list()).toHaveLength(10_000)
  expect(history.list()[0]).toBe(1)
  history.clear()
  expect(history.list()).toEqual([])
})

test('of large entries so many are remembered as 64 MB hold, and always the newest', () => {
  const history = createHistory<Readonly<Record<string, unknown>>>()
  const megabyte = (id: number) => ({ id, headers: { cookie: 'c'.repeat(512 * 1024) } })
  for (let id = 0; id < 63; id += 1) expect(history.add(megabyte(id))).toEqual([])
  expect(history.add(megabyte(63)).map(({ id }) => id)).toEqual([0])
  const huge = { id: 64, ['x'.repeat(50_000_000)]: '' }
  expect(history.add(huge)).toHaveLength(63)
  expect(history.list()).toEqual([huge])
  history.clear()
  expect(history.add(megabyte(65))).toEqual([])
})

test('what has many members counts for what their places take', () => {
  const history = createHistory<object>()
  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`h${index}`, '']))
  let forgotten = 0
  for (let entry = 0; entry < 200; entry += 1) forgotten += history.add(many).length
  expect(forgotten).toBeGreaterThan(50)
})
