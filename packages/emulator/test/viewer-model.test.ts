import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Row } from '../src/store.ts'
import { facetOf } from '../viewer/model/facet.ts'
import { fieldName, textOf, valueAt } from '../viewer/model/field.ts'
import type { Field } from '../viewer/model/field.ts'
import { NO_FILTER, withCondition, withoutCondition } from '../viewer/model/filter.ts'
import type { Filter } from '../viewer/model/filter.ts'
import { histogramOf, rangeOfBins } from '../viewer/model/histogram.ts'
import { levelKind } from '../viewer/model/level.ts'
import { createLogBook } from '../viewer/model/log-book.ts'
import { stackLines } from '../viewer/model/stack.ts'
import { shapeOf } from '../viewer/model/table-shape.ts'
import { throughputOf } from '../viewer/model/throughput.ts'
import { scrollTopFor, virtualWindow } from '../viewer/model/virtual-window.ts'

const START_MS = Date.parse('2026-11-23T10:00:00.000Z')
const shape = shapeOf({
  name: 'AppLogs_CL',
  plan: 'Analytics',
  columns: [
    { name: 'TimeGenerated', type: 'datetime' },
    { name: 'Level', type: 'string' },
    { name: 'Message', type: 'string' },
    { name: 'Logger', type: 'string' },
    { name: 'Properties', type: 'dynamic' },
  ],
})
const logger: Field = { column: 'Logger', type: 'string', path: [] }
const orderId: Field = { column: 'Properties', type: 'dynamic', path: ['orderId'] }

function row(index: number, members: Row = {}): readonly [number, Row] {
  const TimeGenerated = new Date(START_MS + index * 1_000).toISOString()
  return [index + 1, { TimeGenerated, Level: 'INFO', Message: `row ${index}`, Logger: 'http', ...members }]
}

describe('a field', () => {
  test('is named as one reads it, whatever its keys are', () => {
    expect(fieldName(logger)).toBe('Logger')
    expect(fieldName({ ...orderId, path: ['items', 0, 'a-b'] })).toBe('Properties.items[0]["a-b"]')
  })

  test('finds what is inside a dynamic column, and nothing in a prototype', () => {
    const found = { Properties: { items: [{ sku: 'x' }] } }
    expect(valueAt(found, { ...orderId, path: ['items', 0, 'sku'] })).toBe('x')
    expect(valueAt(found, { ...orderId, path: ['items', 'length', 'toString'] })).toBeUndefined()
    expect(valueAt(found, { ...orderId, path: ['constructor'] })).toBeUndefined()
  })

  test('shows a value as text, and no value as none', () => {
    expect([1.5, true, 'a', { b: [1] }, null, undefined].map(textOf)).toEqual([
      '1.5',
      'true',
      'a',
      '{"b":[1]}',
      undefined,
      undefined,
    ])
  })
})

describe('the book of rows', () => {
  const filters: readonly (readonly [string, Filter, readonly number[]])[] = [
    ['nothing', NO_FILTER, [1, 2, 3, 4]],
    ['a text, in any case and in any column', { ...NO_FILTER, text: ' PAYment ' }, [2, 3]],
    ['a text inside a dynamic column', { ...NO_FILTER, text: '"orderid":7' }, [3]],
    ['a level', { ...NO_FILTER, levels: ['ERROR'] }, [3]],
    ['several levels', { ...NO_FILTER, levels: ['ERROR', 'WARN'] }, [2, 3]],
    ['an included value', withCondition(NO_FILTER, { field: orderId, text: '7', exclude: false }), [3]],
    ['an excluded value', withCondition(NO_FILTER, { field: orderId, text: '7', exclude: true }), [1, 2, 4]],
    ['no value', withCondition(NO_FILTER, { field: orderId, text: undefined, exclude: false }), [1, 2, 4]],
    [
      'two values of one field, either of which will do',
      withCondition(withCondition(NO_FILTER, { field: logger, text: 'http', exclude: false }), {
        field: logger,
        text: 'pay',
        exclude: false,
      }),
      [1, 2, 4],
    ],
    [
      'a time, without its end',
      { ...NO_FILTER, range: { fromMs: START_MS + 1_000, toMs: START_MS + 3_000 } },
      [2, 3],
    ],
  ]
  const rows = [
    row(0),
    row(1, { Level: 'WARN', Message: 'a payment is slow', Logger: 'pay' }),
    row(2, { Level: 'ERROR', Message: 'x', Logger: 'payment', Properties: { orderId: 7 } }),
    row(3, { Level: 'DEBUG', Message: 'y' }),
  ]

  test.each(filters)('filters by %s', (_name, filter, ids) => {
    const before = createLogBook(shape, 100)
    before.setFilter(filter)
    before.append(rows)
    const after = createLogBook(shape, 100)
    after.append(rows)
    after.setFilter(filter)
    for (const book of [before, after]) expect(book.matches().map((entry) => entry.id)).toEqual(ids)
  })

  test('counts levels as if none were chosen, the loudest first', () => {
    const book = createLogBook(shape, 100)
    book.append(rows)
    book.setFilter({ ...NO_FILTER, levels: ['INFO'] })
    const { levels } = book.summarize({ facets: [], maxBins: 10 })
    expect(levels.map(({ level, count }) => [level, count])).toEqual([
      ['ERROR', 1],
      ['WARN', 1],
      ['INFO', 1],
      ['DEBUG', 1],
    ])
  })

  test('keeps no more than its capacity, and tells how many matches went', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 20 }), (sizes) => {
        const book = createLogBook(shape, 100)
        book.setFilter({ ...NO_FILTER, levels: ['ERROR'] })
        let sent = 0
        let matching = 0
        for (const size of sizes) {
          book.append(
            Array.from({ length: size }, (_, offset) => {
              const isError = (sent + offset) % 3 === 0
              matching += isError ? 1 : 0
              return row(sent + offset, { Level: isError ? 'ERROR' : 'INFO' })
            }),
          )
          sent += size
        }
        const kept = book.entries().map((entry) => entry.id)
        expect(kept.length).toBeLessThanOrEqual(105)
        expect(kept).toEqual(
          Array.from({ length: kept.length }, (_, index) => sent - kept.length + index + 1),
        )
        expect(book.matches()).toEqual(book.entries().filter((entry) => entry.level === 'ERROR'))
        expect(book.removedMatches() + book.matches().length).toBe(matching)
      }),
    )
  })

  test('finds the members of dynamic columns that can be shown', () => {
    const book = createLogBook(shape, 100)
    book.append([
      row(0, { Properties: { a: 1, 'b-c': 2 } }),
      row(1, { Properties: [1] }),
      row(2, { Properties: null }),
    ])
    expect(book.discoveredFields().map(fieldName)).toEqual(['Properties.a', 'Properties["b-c"]'])
  })
})

test('a condition replaces its opposite and is not added twice', () => {
  const included = withCondition(NO_FILTER, { field: logger, text: 'a', exclude: false })
  const excluded = withCondition(included, { field: logger, text: 'a', exclude: true })
  expect(excluded.conditions).toEqual([{ field: logger, text: 'a', exclude: true }])
  expect(withCondition(excluded, { field: logger, text: 'a', exclude: true }).conditions).toHaveLength(1)
  expect(withoutCondition(excluded, { field: logger, text: 'a', exclude: false }).conditions).toEqual([])
})

describe('the histogram', () => {
  test('counts every row in exactly one bin, in no more bins than asked for', () => {
    const times = fc.array(fc.integer({ min: START_MS, max: START_MS + 400 * 86_400_000 }), { minLength: 1 })
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 80 }), (sorted, maxBins) => {
        const entries = sorted.map((timeMs) => ({ timeMs, kind: 'info' as const }))
        const histogram = histogramOf(entries, { maxBins })
        expect(histogram?.bins.reduce((sum, bin) => sum + bin.total, 0)).toBe(entries.length)
        // With one bin allowed, a round time may still lie between two rows.
        expect(histogram?.bins.length).toBeLessThanOrEqual(Math.max(2, maxBins))
      }),
    )
  })

  test('has no bins without rows, and shows the chosen range even when it is empty', () => {
    expect(histogramOf([], { maxBins: 10 })).toBeUndefined()
    const range = { fromMs: START_MS, toMs: START_MS + 10_000 }
    expect(histogramOf([], { maxBins: 10, range })?.bins).toHaveLength(10)
  })

  test('a brush over bins gives their time, in whichever direction it goes', () => {
    const range = { fromMs: START_MS, toMs: START_MS + 10_000 }
    const histogram = histogramOf([], { maxBins: 10, range })
    if (histogram === undefined) throw new Error('there is a range')
    expect(rangeOfBins(histogram, 2, 4)).toEqual({ fromMs: START_MS + 2_000, toMs: START_MS + 5_000 })
    expect(rangeOfBins(histogram, 4, 2)).toEqual(rangeOfBins(histogram, 2, 4))
  })
})

test('a facet has the most frequent values first and says how many there are', () => {
  const entries = ['b', 'a', 'b', '', 'c', undefined].map((Logger) => ({ row: { Logger } }))
  expect(facetOf(entries, logger, 2)).toEqual({
    field: logger,
    values: [
      { text: 'b', count: 2 },
      { text: 'a', count: 1 },
    ],
    distinct: 3,
    filled: 4,
  })
})

test('a virtual window covers what is in view and never more than there is', () => {
  fc.assert(
    fc.property(fc.nat(2_000_000), fc.nat(2_000), fc.nat(50_000), (scrollTop, viewportHeight, count) => {
      const { first, end } = virtualWindow({ scrollTop, viewportHeight, rowHeight: 28, count, overscan: 12 })
      expect(first).toBeGreaterThanOrEqual(0)
      expect(end).toBeLessThanOrEqual(count)
      expect(end - first).toBeLessThanOrEqual(Math.ceil(viewportHeight / 28) + 1 + 24)
      const highest = Math.max(0, count * 28 - viewportHeight)
      const top = Math.min(scrollTop, highest)
      expect(first * 28).toBeLessThanOrEqual(top)
      expect(end * 28).toBeGreaterThanOrEqual(Math.min(count * 28, top + viewportHeight))
    }),
  )
})

test('a row is scrolled into view, and not at all when it is in view', () => {
  const at = (index: number): number =>
    scrollTopFor({ index, scrollTop: 280, viewportHeight: 280, rowHeight: 28 })
  expect([at(0), at(10), at(19), at(20)]).toEqual([0, 280, 280, 308])
})

test('throughput is an average over the last ten seconds and a count for each second of the last minute', () => {
  const at = (secondsAgo: number, rowsStored: number) => ({
    receivedAt: new Date(START_MS - secondsAgo * 1_000).toISOString(),
    rowsStored,
    wireBytes: 100,
  })
  const { rows, ...averages } = throughputOf([at(90, 1_000), at(30, 7), at(2, 10), at(0, 20)], START_MS)
  expect(averages).toEqual({ rowsPerSecond: 3, requestsPerSecond: 0.2, bytesPerSecond: 20 })
  expect([rows.length, rows[29], rows[57], rows[59]]).toEqual([60, 7, 10, 20])
})

test.each([
  ['ERROR', 'error'],
  ['warning', 'warn'],
  ['Information', 'info'],
  ['FATAL2', 'fatal'],
  ['silly', 'debug'],
  ['constructor', 'other'],
  ['', 'other'],
])('the level %j is of the kind %s', (level, kind) => {
  expect(levelKind(level)).toBe(kind)
})

describe('a stack', () => {
  test('links its own frames to an editor and tells foreign ones', () => {
    const [title, own, url, dependency, node, windows] = stackLines(
      [
        'TypeError: x at /not/a/frame.ts:1:2',
        '    at run (/srv/a b/app.ts:88:13)',
        '    at async file:///srv/app.ts:3:4',
        '    at call (/srv/node_modules/x/index.js:1:1)',
        '    at node:internal/process:1:1',
        String.raw`    at run (C:\app\main.ts:5:6)`,
      ].join('\n'),
    )
    expect(title).toEqual({ text: 'TypeError: x at /not/a/frame.ts:1:2', foreign: false })
    expect(own?.link).toBe('vscode://file/srv/a%20b/app.ts:88:13')
    expect(url?.link).toBe('vscode://file/srv/app.ts:3:4')
    expect([dependency?.foreign, node?.foreign, windows?.foreign]).toEqual([true, true, false])
    expect(windows?.link).toBe('vscode://file/C:/app/main.ts:5:6')
  })

  test('never becomes a link of another kind', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const { link } of stackLines(`    at ${text}\n    at x (/${text}:1:2)`)) {
          if (link !== undefined) expect(new URL(link).protocol).toBe('vscode:')
        }
      }),
    )
  })
})
