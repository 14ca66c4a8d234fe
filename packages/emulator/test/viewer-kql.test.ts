import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { Emulator, Row } from '../src/index.ts'
import type { ViewedTable } from '../src/viewer-protocol.ts'
import { textOf, valueAt } from '../viewer/model/field.ts'
import type { Field } from '../viewer/model/field.ts'
import { NO_FILTER, withCondition } from '../viewer/model/filter.ts'
import type { Filter } from '../viewer/model/filter.ts'
import { kqlOf, stringLiteral } from '../viewer/model/kql.ts'
import { createLogBook } from '../viewer/model/log-book.ts'
import { shapeOf } from '../viewer/model/table-shape.ts'
import { upload } from './upload.ts'
import { callViewer } from './viewer-call.ts'

/** Values that mean something in KQL, in JSON or in Unicode. */
const HOSTILE = [
  '',
  'plain',
  '"',
  "'",
  '\\',
  '\\"; AppLogs_CL',
  '" or true //',
  'a\nb',
  'a\r\n\tb',
  '\u0000',
  '\u2028',
  '\u200d',
  'Straße 🛒',
  '{"a":1}',
  'null',
  'true',
  '0',
  '1.5',
]
const NAMES = ['plain', 'where', 'a-b', 'it"s', 'back\\slash', '0']

const columns: ViewedTable['columns'] = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'Level', type: 'string' },
  { name: 'Message', type: 'string' },
  { name: 'where', type: 'string' },
  { name: 'Count', type: 'int' },
  { name: 'Total', type: 'long' },
  { name: 'Ratio', type: 'real' },
  { name: 'Done', type: 'boolean' },
  { name: 'Properties', type: 'dynamic' },
  { name: 'RowNumber', type: 'int' },
]
const shape = shapeOf({ name: 'Hostile_CL', plan: 'Analytics', columns })

const text = fc.constantFrom(...HOSTILE)
const value = fc.oneof(text, fc.integer({ min: -3, max: 3 }), fc.boolean(), fc.constantFrom(null, 1.5, -0.25))
const rows = fc.array(
  fc.record(
    {
      Level: fc.constantFrom('ERROR', 'INFO', 'warn'),
      Message: text,
      where: text,
      Count: fc.integer({ min: -3, max: 3 }),
      Total: fc.integer({ min: -3, max: 3 }),
      Ratio: fc.constantFrom(0, 1.5, -0.25),
      Done: fc.boolean(),
      Properties: fc.dictionary(
        fc.constantFrom(...NAMES),
        fc.oneof(value, fc.dictionary(fc.constantFrom(...NAMES), value)),
      ),
    },
    { requiredKeys: [] },
  ),
  { minLength: 60, maxLength: 60 },
)

let emulator: Emulator
let stored: readonly Row[]

beforeAll(async () => {
  emulator = await startEmulator({
    https: false,
    schema: { table: 'Hostile_CL', stream: 'Custom-Hostile_CL', columns },
  })
  const startMs = Date.now() - 60_000
  const sent = fc.sample(rows, { numRuns: 3, seed: 20_261_123 }).flat()
  await upload(
    emulator,
    sent.map((row, index) =>
      Object.assign({ TimeGenerated: new Date(startMs + index * 250).toISOString(), RowNumber: index }, row),
    ),
  )
  stored = emulator.rows()
  expect(stored).toHaveLength(180)
})

afterAll(() => emulator.close())

const fieldOf = (name: string, path: Field['path'] = []): Field => ({
  column: name,
  type: columns.find((column) => column.name === name)?.type ?? 'string',
  path,
})
const fields = fc.oneof(
  fc
    .constantFrom('Level', 'Message', 'where', 'Count', 'Total', 'Ratio', 'Done')
    .map((name) => fieldOf(name)),
  fc
    .array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 2 })
    .map((path) => fieldOf('Properties', path)),
)

/** A condition as a click makes it: its value is one that a row has. */
const conditions = fc
  .record({ field: fields, pick: fc.nat(179), exclude: fc.boolean() })
  .map(({ field, pick, exclude }) => ({ field, pick, exclude }))

const filters = fc.record({
  text: fc.oneof(fc.constant(''), text, fc.constantFrom('PLAIN', '":', 'straße', '1')),
  levels: fc.subarray(['ERROR', 'INFO']),
  clicks: fc.array(conditions, { maxLength: 3 }),
  bins: fc.option(fc.tuple(fc.nat(179), fc.nat(179)), { nil: undefined }),
})

function readFilter(drawn: typeof filters extends fc.Arbitrary<infer Drawn> ? Drawn : never): Filter {
  const timeOf = (index: number): number => Date.parse(String(stored[index]?.['TimeGenerated']))
  const [from = 0, to = 0] = drawn.bins ?? []
  const range =
    drawn.bins === undefined
      ? undefined
      : { fromMs: timeOf(Math.min(from, to)), toMs: timeOf(Math.max(from, to)) }
  return drawn.clicks.reduce<Filter>(
    (filter, { field, pick, exclude }) =>
      withCondition(filter, { field, text: clickedText(stored[pick] ?? {}, field), exclude }),
    { ...NO_FILTER, text: drawn.text, levels: drawn.levels, range },
  )
}

test('the copied KQL gives the same rows as the filter of the page', { timeout: 120_000 }, async () => {
  const book = createLogBook(shape, 1_000)
  book.append(stored.map((row, index) => [index + 1, row]))
  let nonEmpty = 0
  await fc.assert(
    fc.asyncProperty(filters, async (drawn) => {
      const filter = readFilter(drawn)
      book.setFilter(filter)
      const expected = book.matches().map(({ row }) => row['RowNumber'])
      if (expected.length > 0 && expected.length < stored.length) nonEmpty += 1
      const query = `${kqlOf(filter, shape)}\n| project RowNumber`
      const { status, body } = await callViewer(emulator, 'POST', 'query', { query })
      expect([status, body], query).toMatchObject([200, { rows: expected.map((number) => [number]) }])
    }),
    { numRuns: 300 },
  )
  expect(nonEmpty).toBeGreaterThan(30)
})

test('a string literal is on one line of visible text, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const literal = stringLiteral(text)
      expect(literal).toMatch(/^"(?:[^"\\\p{C}\p{Zl}\p{Zp}]|[\p{Cn}\p{Co}]|\\["\\nrt]|\\u[0-9a-f]{4})*"$/u)
      const escapes = { n: '\n', r: '\r', t: '\t' } as const
      const read = literal
        .slice(1, -1)
        .replaceAll(/\\(?:u(?<code>[0-9a-f]{4})|(?<short>.))/gu, (_all, code?: string, short = '') =>
          code === undefined
            ? (escapes[short as keyof typeof escapes] ?? short)
            : String.fromCharCode(Number.parseInt(code, 16)),
        )
      expect(read).toBe(text)
    }),
  )
})

test('reads well', () => {
  const filter: Filter = {
    text: 'time"out',
    levels: ['ERROR', 'FATAL'],
    range: { fromMs: Date.UTC(2026, 10, 23, 10), toMs: Date.UTC(2026, 10, 23, 11) },
    conditions: [
      { field: fieldOf('where'), text: 'a', exclude: false },
      { field: fieldOf('where'), text: 'b', exclude: false },
      { field: fieldOf('Properties', ['basket', 'a-b']), text: '7', exclude: true },
      { field: fieldOf('Count'), text: undefined, exclude: false },
    ],
  }
  expect(
    kqlOf(filter, shapeOf({ name: 'Hostile_CL', plan: 'Analytics', columns: columns.slice(0, 4) })),
  ).toBe(
    `Hostile_CL
| where TimeGenerated >= datetime(2026-11-23T10:00:00.000Z) and TimeGenerated < datetime(2026-11-23T11:00:00.000Z)
| where Level in ("ERROR", "FATAL")
| where ["where"] == "a" or ["where"] == "b"
| where tostring(Properties.basket["a-b"]) != "7"
| where isnull(["Count"])
| where Level contains "time\\"out"
    or Message contains "time\\"out"
    or ["where"] contains "time\\"out"
| order by TimeGenerated asc`,
  )
})

/** What the page shows for a value and takes when it is clicked. */
function clickedText(row: Row, field: Field): string | undefined {
  const found = valueAt(row, field)
  // Only leaves can be clicked.
  return typeof found === 'object' && found !== null ? undefined : textOf(found)
}
