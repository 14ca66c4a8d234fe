import { expect, test } from 'vitest'

import type { Figure, SubjectResult } from '../src/bench.ts'
import { compare } from '../src/report/compare.ts'
import type { Results } from '../src/report/results.ts'

function resultsOf(figure: Omit<Figure, 'name'>, subject: Partial<SubjectResult> = {}): Results {
  return {
    machine: { cpu: 'some', cores: 2, memoryGb: 8, node: 'v24.0.0', os: 'Linux' },
    date: '2026-11-28T12:00:00.000Z',
    command: [],
    rounds: 3,
    scale: 1,
    benches: {
      winston: {
        title: '',
        seconds: 1,
        subjects: [{ name: 'azlogs', figures: [{ name: 'figure', ...figure }], ...subject }],
        targets: [],
      },
    },
  }
}

const less = (...values: readonly number[]): Results => resultsOf({ unit: 'µs', values })
const more = (...values: readonly number[]): Results => resultsOf({ unit: 'rows/s', better: 'more', values })

test.each([
  ['11 % more, outside the noise', less(9.9, 10, 10.1), less(11, 11.1, 11.2), 1],
  ['11 % more, and the ranges meet', less(9.9, 10, 11.05), less(11, 11.1, 11.2), 0],
  ['9 % more, outside the noise', less(9.9, 10, 10.1), less(10.8, 10.9, 11), 0],
  ['half of it', less(9.9, 10, 10.1), less(4.9, 5, 5.1), 0],
  ['less of what should be more', more(990, 1000, 1010), more(790, 800, 810), 1],
  ['more of what should be more', more(990, 1000, 1010), more(1990, 2000, 2010), 0],
  ['something where there was nothing', less(0, 0, 0), less(3, 3, 3), 1],
  ['nothing where there was nothing', less(0, 0, 0), less(0, 0, 0), 0],
])('%s', (_case, base, head, worse) => {
  expect(compare(base, head).worse).toBe(worse)
})

test('what others do is not our regression', () => {
  const base = resultsOf({ unit: 'µs', values: [10] }, { foreign: true })
  const head = resultsOf({ unit: 'µs', values: [20] }, { foreign: true })
  expect(compare(base, head).worse).toBe(0)
})

test('the table tells medians, ranges, the ratio and the verdict', () => {
  const { text } = compare(less(9, 10, 11), less(19, 20, 21))
  expect(text).toContain('| winston | azlogs | µs | 10 (9–11) | 20 (19–21) | 2 | worse |')
})

test('a bench or a subject that the base does not have is left out', () => {
  const { text, worse } = compare({ ...less(1), benches: {} }, less(2))
  expect(worse).toBe(0)
  expect(text).not.toContain('azlogs')
})
