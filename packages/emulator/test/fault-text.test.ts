import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { FaultRule } from '../src/fault-rule.ts'
import { faultProblems, faultText, readFaults } from '../src/fault-text.ts'

test.each<[string, FaultRule]>([
  ['429', { kind: 'status', status: 429 }],
  ['429:10%', { kind: 'status', status: 429, rate: 0.1 }],
  ['429:10%:retry-after=5s', { kind: 'status', status: 429, rate: 0.1, retryAfterSeconds: 5 }],
  ['503 : 0.5% : retry-after=5', { kind: 'status', status: 503, rate: 0.005, retryAfterSeconds: 5 }],
  ['403:for=30s', { kind: 'status', status: 403, forMs: 30_000 }],
  ['403:for=1.5m', { kind: 'status', status: 403, forMs: 90_000 }],
  ['token-expired:times=1', { kind: 'token-expired', times: 1 }],
  ['latency:200ms', { kind: 'latency', delayMs: 200 }],
  ['latency:200±50ms', { kind: 'latency', delayMs: 200, jitterMs: 50 }],
  ['latency:2s+-500ms:20%', { kind: 'latency', delayMs: 2000, jitterMs: 500, rate: 0.2 }],
  ['reset-before:2%', { kind: 'reset-before', rate: 0.02 }],
  ['hang', { kind: 'hang' }],
])('%s is read', (text, rule) => {
  expect(readFaults(text)).toEqual({ rules: [rule], problems: [] })
  expect(faultProblems(rule)).toEqual([])
})

test('rules are separated by commas, and nothing is no rule', () => {
  expect(readFaults('429:10%, half:1%,').rules).toHaveLength(2)
  expect(readFaults(' ')).toEqual({ rules: [], problems: [] })
})

test.each([
  ['teapot', 'begins with a status'],
  ['429:sometimes', '"sometimes" is none of a share'],
  ['429:x%', 'x% is no share'],
  ['429:%', '% is no share'],
  ['403:for=ever', '"ever" is no duration'],
  ['403:for=10', '"10" is no duration such as'],
  ['latency', 'how long'],
  ['latency:200', '"200" is no latency'],
  ['latency:fast', '"fast" is no latency'],
  ['hang:retry-after=5s', 'retry-after belongs to a status'],
])('%s is refused for a reason', (text, reason) => {
  const { rules, problems } = readFaults(text)
  expect(rules).toEqual([])
  expect(problems.join()).toContain(reason)
})

test.each<[FaultRule, string]>([
  [{ kind: 'status', status: 200 }, 'from 400 to 599, not 200'],
  [{ kind: 'status', status: 429, retryAfterSeconds: 0.5 }, 'whole seconds, not 0.5'],
  [{ kind: 'hang', rate: 0 }, 'not 0 %'],
  [{ kind: 'hang', rate: 2 }, 'not 200 %'],
  [{ kind: 'hang', rate: Number.NaN }, 'not NaN %'],
  [{ kind: 'hang', times: 0 }, 'not 0'],
  [{ kind: 'hang', forMs: 0 }, 'not 0 ms'],
  [{ kind: 'latency', delayMs: 10, jitterMs: 20 }, 'not 20 ms'],
  [{ kind: 'latency', delayMs: Infinity }, 'not Infinity'],
  [{ kind: 'flood' } as unknown as FaultRule, '"flood"'],
])('the rule %j makes no sense, for a reason', (rule, reason) => {
  expect(faultProblems(rule).join()).toContain(reason)
})

test('every rule is written as text that is read back as the same rule', () => {
  const settings = {
    rate: fc.integer({ min: 1, max: 999 }).map((tenths) => Number(`${tenths}e-3`)),
    times: fc.integer({ min: 1, max: 1000 }),
    forMs: fc.integer({ min: 1, max: 10_000_000 }),
  }
  const rule = fc.oneof(
    fc.record(
      {
        kind: fc.constant('status' as const),
        status: fc.integer({ min: 400, max: 599 }),
        retryAfterSeconds: fc.nat(600),
        ...settings,
      },
      { requiredKeys: ['kind', 'status'] },
    ),
    fc.record(
      {
        kind: fc.constant('latency' as const),
        delayMs: fc.integer({ min: 100, max: 100_000 }),
        jitterMs: fc.integer({ min: 1, max: 100 }),
        ...settings,
      },
      { requiredKeys: ['kind', 'delayMs'] },
    ),
    fc.record(
      {
        kind: fc.constantFrom(
          'reset-before',
          'reset-after',
          'half',
          'hang',
          'token-expired',
          'token-rejected',
        ),
        ...settings,
      },
      { requiredKeys: ['kind'] },
    ),
  ) as fc.Arbitrary<FaultRule>
  fc.assert(
    fc.property(rule, (each) => {
      expect(readFaults(faultText(each))).toEqual({ rules: [each], problems: [] })
    }),
  )
})
