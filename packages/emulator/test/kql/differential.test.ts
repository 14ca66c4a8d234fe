import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { compile } from '../../src/kql/compile.ts'
import { KqlError } from '../../src/kql/error.ts'
import { AZURE_FUNCTIONS } from '../../src/kql/functions/azure.ts'
import { functionNames } from '../../src/kql/functions/registry.ts'
import type { Column, ColumnType } from '../../src/schema.ts'
import { CORPUS } from './corpus.ts'
import { loadOracle } from './oracle.ts'

// The official parser and checker is the judge of syntax, of types, and of the names of columns.

const declared: Readonly<Record<string, string>> = {
  TimeGenerated: 'datetime',
  s: 'string',
  i: 'int',
  l: 'long',
  r: 'real',
  b: 'boolean',
  d: 'dynamic',
  g: 'guid',
  ts: 'timespan',
}
const oracle = loadOracle('source', declared)
const columns = Object.entries(declared).map(([name, type]): Column => ({ name, type: type as ColumnType }))
const tables = new Map([['source', columns]])

function compiled(query: string): readonly string[] | KqlError {
  try {
    return compile(query, 'query', tables).columns.map(({ name, type }) => `${name}:${type}`)
  } catch (error) {
    if (error instanceof KqlError) return error
    throw error
  }
}

/** Here the two differ, and why. */
const KNOWN_DIFFERENCES: readonly (readonly [query: string, reason: string])[] = [
  ['x = s==1', 'Azure refuses it when the query runs: «Cannot compare values of types»'],
  ['x = l==s', 'likewise'],
  ['x = TimeGenerated=="2020-01-01"', 'likewise'],
  ['x = TimeGenerated==ts', 'likewise'],
  ['x = s in (1)', 'likewise'],
  ['x = b == "true"', 'likewise'],
  ['x = -d', 'a dynamic has no sign'],
  ['x = b and d', 'a dynamic is no bool'],
  ['x = iff(b,1,"a")', 'both results must be of one type'],
  ['x = coalesce(s,d)', 'the dynamic is converted, whatever the order'],
  ['x = replace(s,"a","b")', 'a regular expression need not be constant here'],
  ['x = trim(s,s)', 'likewise'],
  ['take i', 'the number of rows is no column'],
  ['parse d with "a" s', 'a column is replaced, not doubled'],
  ['datetime(2020-13-01)', 'the official parser looks into no datetime'],
  ['| project-away', 'at least one column'],
  ['| summarize', 'at least one aggregate'],
  ['extract("(", 1, s)', 'the official parser looks into no regular expression'],
  ['matches regex "("', 'likewise'],
  ['matches regex "(?=a)"', 'likewise'],
]

test.for(CORPUS)('%s', (query) => {
  if (KNOWN_DIFFERENCES.some(([part]) => query.endsWith(part))) return
  const opinion = oracle.ask(query)
  const own = compiled(query)
  if (opinion.problems.length > 0) {
    expect(own, `the official parser refuses it: ${opinion.problems.join('; ')}`).toBeInstanceOf(KqlError)
    return
  }
  if (own instanceof KqlError) expect(own.code, own.message).toBe('UnsupportedLocally')
  else expect(own).toEqual(opinion.columns)
})

/** Random expressions of the functions and operators that are run, over columns of every type. */
function randomExpressions(): fc.Arbitrary<string> {
  const atom = fc.constantFrom(
    ...Object.keys(declared),
    'd.a',
    '1',
    '2.5',
    '"a"',
    'true',
    '1h',
    'int(3)',
    'long(null)',
    'now()',
  )
  const operator = fc.constantFrom(...'+ - * / % == != < >= and or has contains startswith =~'.split(' '))
  return fc.letrec<{ readonly expression: string }>((tie) => {
    const inner = tie('expression')
    return {
      expression: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        atom,
        fc.tuple(inner, operator, inner).map((parts) => `(${parts.join(' ')})`),
        fc.tuple(inner, inner, inner).map(([value, low, high]) => `(${value} between (${low} .. ${high}))`),
        fc
          .tuple(fc.constantFrom(...functionNames), fc.array(inner, { maxLength: 4 }))
          .map(([name, inputs]) => `${name}(${inputs.join(', ')})`),
      ),
    }
  }).expression
}

test('no random expression is taken that the official parser refuses, or gets another type', () => {
  fc.assert(
    fc.property(randomExpressions(), (expression) => {
      const query = `source | project x = ${expression}`
      const own = compiled(query)
      if (own instanceof KqlError) return
      const { problems, columns } = oracle.ask(query)
      expect(problems).toEqual([])
      expect(own).toEqual(columns)
    }),
    // A fixed seed: 20261123what another one finds is a finding for the corpus, not a reason to fail a build.
    { numRuns: 1500, seed: 20261123 },
  )
})

test('the known differences are still differences', () => {
  for (const [part] of KNOWN_DIFFERENCES) {
    const query = CORPUS.find((candidate) => candidate.endsWith(part))
    expect(query, part).toBeDefined()
    const opinion = oracle.ask(query ?? '')
    const own = compiled(query ?? '')
    const agree = opinion.problems.length > 0 === own instanceof KqlError
    expect(agree && (own instanceof KqlError || own.join() === opinion.columns.join()), query).toBe(false)
  }
})

test('every scalar function of Azure is run, or named as not supported', () => {
  const known = new Set([...functionNames, ...AZURE_FUNCTIONS])
  const missing = oracle.functionNames.filter((name) => !name.startsWith('_') && !known.has(name))
  expect(oracle.functionNames.length).toBeGreaterThan(400)
  expect(missing).toEqual([])
})

test('every function that is run exists in Azure', () => {
  const real = new Set(oracle.functionNames)
  expect(functionNames.filter((name) => !real.has(name))).toEqual([])
})

test('no function is both run and named as not supported', () => {
  expect(functionNames.filter((name) => AZURE_FUNCTIONS.has(name))).toEqual([])
})
