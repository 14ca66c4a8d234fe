import { expect, test } from 'vitest'

import { createMeasurements, slopeOf } from '../src/measurements.ts'

test('the slope is that of the nearest line', () => {
  expect(slopeOf([])).toBe(0)
  expect(slopeOf([[1, 5]])).toBe(0)
  const line = Array.from({ length: 10 }, (_, x): [number, number] => [x, 3 * x + 7])
  expect(slopeOf(line)).toBeCloseTo(3)
  expect(slopeOf(line.map(([x, y]) => [x, x % 2 === 0 ? y + 1 : y - 1]))).toBeCloseTo(3, 0)
})

test.runIf(process.platform === 'linux')('a process is looked at while it lives', () => {
  let minute = 0
  const measurements = createMeasurements(() => minute)
  for (; minute < 6; minute += 1) measurements.sample('this', process.pid)
  measurements.sample('gone', 2 ** 22 + 1)
  const { this: found, gone } = measurements.summary()
  expect(gone).toBeUndefined()
  expect(found?.rssMb.first).toBeGreaterThan(10)
  expect(found?.descriptors.first).toBeGreaterThan(2)
  expect(found?.rssSlopeMbPerMinute).toBeTypeOf('number')
})
