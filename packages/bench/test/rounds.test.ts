import { expect, test } from 'vitest'

import { figuresOf, inRounds, median, medianRatio } from '../src/rounds.ts'

test('every subject has one turn a round, and every other round goes backwards', async () => {
  const turns: string[] = []
  const samples = await inRounds(['a', 'b', 'c'], 3, async (name, round) => {
    turns.push(`${name}${round}`)
    return { round }
  })
  expect(turns.join(' ')).toBe('a0 b0 c0 c1 b1 a1 a2 b2 c2')
  expect(samples.b).toEqual([{ round: 0 }, { round: 1 }, { round: 2 }])
})

test('the median is the middle value, or halfway between the two', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([10, 1, 2, 9])).toBe(5.5)
  expect(median([7])).toBe(7)
  expect(median([])).toBeNaN()
})

test('a ratio is taken round by round: what slows a whole round cancels out', () => {
  const ours = [{ ms: 10 }, { ms: 100 }, { ms: 12 }]
  const theirs = [{ ms: 20 }, { ms: 200 }, { ms: 20 }]
  expect(medianRatio(ours, theirs, 'ms')).toBe(0.5)
})

test('a ratio to nothing is no number', () => {
  expect(medianRatio([{ ms: 10 }], [], 'ms')).toBeNaN()
})

test('a figure keeps every value, its unit and which way is better', () => {
  const samples = [
    { speed: 3, cost: 1 },
    { speed: 4, cost: 2 },
  ]
  expect(figuresOf(samples, { speed: { unit: 'rows/s', better: 'more' }, cost: 'µs' })).toEqual([
    { name: 'speed', unit: 'rows/s', better: 'more', values: [3, 4] },
    { name: 'cost', unit: 'µs', values: [1, 2] },
  ])
})
