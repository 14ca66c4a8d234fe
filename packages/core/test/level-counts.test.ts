import { expect, test } from 'vitest'

import { addCounts, levelOf, levelsOf, noCounts, severityOf, totalOf } from '../src/level-counts.ts'

test('a row’s level is what it names, or unknown', () => {
  expect(levelOf({ Level: 'warn' })).toBe('warn')
  for (const row of [{}, { Level: 5 }, { Level: '' }, null, 'text', undefined]) {
    expect(levelOf(row)).toBe('unknown')
  }
})

test('a row that cannot be read has no level and no severity', () => {
  const row = new Proxy(
    {},
    {
      get: () => {
        throw new Error('boom')
      },
    },
  )
  expect([levelOf(row), severityOf(row)]).toEqual(['unknown', 0])
})

test('sums are exact whatever the levels are called', () => {
  const sums = noCounts()
  const names = ['info', 'constructor', '__proto__', 'toString', 'info']
  for (const name of names) addCounts(sums, levelsOf([JSON.stringify({ Level: name })]))
  expect(totalOf(sums)).toBe(5)
  expect(Object.entries(sums)).toContainEqual(['info', 2])
  expect(Object.keys(sums)).toContain('constructor')
})

test('a level that is different in every record does not let the sums grow', () => {
  const sums = noCounts()
  for (let n = 0; n < 1000; n += 1) addCounts(sums, { [levelOf({ Level: `${'x'.repeat(1000)}${n}` })]: 1 })
  for (let n = 0; n < 1000; n += 1) addCounts(sums, { [levelOf({ Level: `level ${n}` })]: 1 })
  expect(totalOf(sums)).toBe(2000)
  expect(Object.keys(sums).length).toBeLessThanOrEqual(33)
})
