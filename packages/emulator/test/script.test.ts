import { expect, test } from 'vitest'

import { createScript } from '../src/script.ts'
import type { ScriptedAnswer } from '../src/script.ts'

test('answers are taken in order, each as many times as it says', () => {
  const script = createScript()
  script.add([{ status: 429, times: 2 }, { status: 503 }])
  script.add([{ reset: 'after' }])
  expect([1, 2, 3, 4, 5].map(() => script.next()?.status ?? 'none')).toEqual([429, 429, 503, 'none', 'none'])
})

test('an answer may hold for ever, until it is cleared', () => {
  const script = createScript()
  script.add([{ status: 500, times: Infinity }])
  for (let index = 0; index < 100; index += 1) expect(script.next()?.status).toBe(500)
  script.clear()
  expect(script.next()).toBeUndefined()
})

test.each<[string, ScriptedAnswer]>([
  ['a status that HTTP does not have', { status: 99 }],
  ['an interim status', { status: 100 }],
  ['a body without a status', { body: 'text' }],
  ['headers without a status', { headers: {} }],
  ['a header that cannot be sent', { status: 500, headers: { 'x-note': 'two\nlines' } }],
  ['a header without a name', { status: 500, headers: { '': 'x' } }],
  ['a status and a reset', { status: 500, reset: 'before' }],
  ['a negative delay', { delayMs: -1 }],
  ['a delay that is no number', { delayMs: Number.NaN }],
  ['no times at all', { times: 0 }],
])('%s is refused, and nothing of the call is scripted', (_name, answer) => {
  const script = createScript()
  expect(() => script.add([{ status: 500 }, answer])).toThrow(
    /must|belong|both|negative|[Ii]nvalid character/,
  )
  expect(script.next()).toBeUndefined()
})
