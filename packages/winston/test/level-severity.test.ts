import { expect, test } from 'vitest'
import winston from 'winston'

import { createSeverityOf, severitiesOf } from '../src/level-severity.ts'

test('npm levels', () => {
  expect(Object.fromEntries(severitiesOf(winston.config.npm.levels))).toEqual({
    error: 17,
    warn: 13,
    info: 9,
    http: 7,
    verbose: 6,
    debug: 5,
    silly: 1,
  })
})

test('cli levels, where verbose is below debug', () => {
  expect(Object.fromEntries(severitiesOf(winston.config.cli.levels))).toEqual({
    error: 17,
    warn: 13,
    help: 12,
    data: 10,
    info: 9,
    debug: 5,
    prompt: 4,
    verbose: 3,
    input: 2,
    silly: 1,
  })
})

test('levels without any known name spread over the whole range, most severe first', () => {
  expect([...severitiesOf({ low: 30, high: 10, middle: 20 })]).toEqual([
    ['high', 19],
    ['middle', 13],
    ['low', 6],
  ])
})

test('any number of levels stays within 1 and 24', () => {
  const levels = Object.fromEntries(Array.from({ length: 100 }, (_value, index) => [`level${index}`, index]))
  const severities = [...severitiesOf(levels).values()]
  expect(Math.max(...severities)).toBe(24)
  expect(Math.min(...severities)).toBe(1)
  expect(severities).toEqual(severities.toSorted((left, right) => right - left))
})

test('names are known in any case', () => {
  expect(Object.fromEntries(severitiesOf({ ERROR: 0, Info: 1 }))).toEqual({ ERROR: 17, Info: 9 })
})

test('a level that a format writes in capitals keeps its severity', () => {
  const severityOf = createSeverityOf()
  expect(severityOf('VERBOSE', winston.config.npm.levels)).toBe(6)
  expect(severityOf('Prompt', winston.config.cli.levels)).toBe(4)
})

test('a level outside the logger’s levels goes by its name, else it is info', () => {
  const severityOf = createSeverityOf()
  expect(severityOf('fatal', winston.config.npm.levels)).toBe(21)
  expect(severityOf('whatever', winston.config.npm.levels)).toBe(9)
  expect(severityOf('error', undefined)).toBe(17)
})
