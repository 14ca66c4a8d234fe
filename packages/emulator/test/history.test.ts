import { expect, test } from 'vitest'

import { createHistory } from '../src/history.ts'

test('the last 10,000 entries are remembered, and the one that goes is handed back', () => {
  const history = createHistory<number>()
  for (let entry = 0; entry < 10_000; entry += 1) expect(history.add(entry)).toBeUndefined()
  expect(history.add(10_000)).toBe(0)
  expect(history.list()).toHaveLength(10_000)
  expect(history.list()[0]).toBe(1)
  history.clear()
  expect(history.list()).toEqual([])
})
