import { expect, test } from 'vitest'

import { createLineWriter, writePassedThrough } from '../src/line-writer.ts'
import { collect, take } from './rows-of.ts'

const USUAL = '"level":30,"time":1795000000000,"pid":7,"hostname":"web"'

/** The row without what is new in every row; undefined where the line is left to a parser. */
function written(line: string, config: Parameters<typeof createLineWriter>[0] = {}): object | undefined {
  const row = createLineWriter(config)(line, 0, line.length)
  if (row === undefined) return undefined
  const { RecordId: _id, ...members } = JSON.parse(row.json) as Record<string, unknown>
  return members
}

function members(count: number): string {
  return Array.from({ length: count }, (_value, index) => `"k${index}":${index}`).join(',')
}

test.each([
  `{${USUAL},"msg":"hello"}`,
  `{${USUAL},"name":"shop","trace_id":"t","span_id":"s","msg":"hello"}`,
  `{${USUAL},"orderId":7,"msg":"hello","cart":{"items":["a","b"]}}`,
  '{"severity":"WARNING","@timestamp":"2026-11-28T10:00:00.123456Z","message":"","a":{"err":1}}',
  '{"level":30}',
  '{"level":30,"pid":1234567890}',
  '{"level":30,"a":1,"pid":7,"b":2,"c":3,"name":"n","d":4}',
  `{"level":30,${members(199)}}`,
])('a line as most are is not parsed: %s', (line) => {
  expect(written(line)).toBeDefined()
})

test.each([
  ['with an error', `{${USUAL},"msg":"x","err":{"message":"boom"}}`],
  ['with two levels', '{"level":30,"severity":"INFO"}'],
  ['with two times', '{"level":30,"time":1795000000000,"timestamp":1795000000001}'],
  ['with two messages', '{"level":30,"msg":"x","message":"y"}'],
  ['with a key twice', '{"level":30,"a":1,"b":2,"a":3}'],
  ['with a level twice', '{"level":30,"level":40}'],
  ['without a level', '{"msg":"x"}'],
  ['whose level is none', '{"level":null,"msg":"x"}'],
  ['whose level is empty', '{"level":"","msg":"x"}'],
  ['whose time is none', '{"level":30,"time":"soon"}'],
  ['whose message is no text', '{"level":30,"msg":5}'],
  ['whose name is no text', '{"level":30,"name":7}'],
  ['whose name is empty', '{"level":30,"name":""}'],
  ['whose host is empty', '{"level":30,"hostname":""}'],
  ['whose trace is empty', '{"level":30,"traceId":""}'],
  ['whose span is empty', '{"level":30,"spanId":""}'],
  ['whose pid is text', '{"level":30,"pid":"7"}'],
  ['whose pid has decimals', '{"level":30,"pid":7.5}'],
  ['whose pid is negative', '{"level":30,"pid":-7}'],
  ['whose pid is larger than any', '{"level":30,"pid":12345678901}'],
  ['of very many members', `{"level":30,${members(200)}}`],
  ['without members', '{}'],
  ['with white space before a key', '{ "level":30}'],
  ['with white space behind a key', '{"level" :30}'],
  ['with white space before a value', '{"level": 30}'],
  ['with white space behind a value', '{"level":30 }'],
  ['with something behind it', '{"level":30}x'],
  ['with a comma behind its last member', '{"level":30,}'],
  ['that is cut', '{"level":30,"msg":"hel'],
  ['that is a list', '["level",30]'],
  ['that is no JSON', 'level 30'],
  ['that is empty', ''],
] as const)('a line %s is left to a parser: %s', (_which, line) => {
  expect(written(line)).toBeUndefined()
})

test('a row has the line’s members in its columns, and all others in their order in Properties', () => {
  const line = '{"a":1,"level":50,"b":[2],"c":"}","time":1795000000000,"pid":7,"msg":"m","d":{"level":1}}'
  expect(written(line)).toMatchObject({
    TimeGenerated: expect.stringMatching(/^2026-11-18T/) as string,
    Level: 'error',
    SeverityNumber: 17,
    Message: 'm',
    ProcessId: 7,
    Properties: { a: 1, b: [2], c: '}', d: { level: 1 } },
  })
  const row = createLineWriter({})(line, 0, line.length)
  expect(row?.json).toContain('"Properties":{"a":1,"b":[2],"c":"}","d":{"level":1}}')
  expect(row).toMatchObject({ Level: 'error', SeverityNumber: 17 })
})

test('nothing of one line is in the row of the next', () => {
  const write = createLineWriter({})
  const [full, bare] = [`{${USUAL},"name":"n","traceId":"t","msg":"first","a":1}`, '{"level":50}']
  expect(write(full, 0, full.length)).toBeDefined()
  const json = write(bare, 0, bare.length)?.json ?? ''
  expect(JSON.parse(json)).toMatchObject({ Level: 'error', Message: '', ProcessId: process.pid })
  expect(json).not.toMatch(/Logger|TraceId|Properties|web/)
})

test('any number of levels is told apart', () => {
  const write = createLineWriter({})
  for (const round of [1, 2]) {
    for (let level = 1; level <= 100; level += 1) {
      const line = `{"level":"level ${level}","round":${round}}`
      expect(write(line, 0, line.length)?.Level).toBe(`level ${level}`)
    }
  }
})

test('the keys and levels of the logger count', () => {
  const levels = { labels: { 35: 'audit' }, values: { audit: 35 } }
  const config = { messageKey: 'text', errorKey: 'failure', levels }
  expect(written('{"level":35,"text":"m","failed":1}', config)).toMatchObject({
    Level: 'audit',
    SeverityNumber: 11,
    Message: 'm',
  })
  expect(written('{"level":35,"text":"m","failure":"x"}', config)).toBeUndefined()
})

test('a line that is cut by the end of the text is none, whatever comes behind it', () => {
  const text = '{"level":30,"msg":"x"}{"level":30}'
  expect(createLineWriter({})(text, 0, 22)).toBeDefined()
  expect(createLineWriter({})(text, 0, 21)).toBeUndefined()
  expect(createLineWriter({})(text, 1, 22)).toBeUndefined()
  expect(writePassedThrough(text, 0, 22)?.json).toBe('{"level":30,"msg":"x"}')
  expect(writePassedThrough(text, 0, 21)).toBeUndefined()
  expect(writePassedThrough(text, 22, 34)?.json).toBe('{"level":30}')
})

test.each(['{"Level":"x"}', '{"SeverityNumber":9}', '{"a":{"Level":1}}', '[1]', '"text"', '7', ''])(
  'passed through, %s is left to a parser',
  (line) => {
    expect(writePassedThrough(line, 0, line.length)).toBeUndefined()
  },
)

test('passed through, any other record is its own text', () => {
  const line = '{"level":30,"Message":"x","n":1.10}'
  expect(writePassedThrough(line, 0, line.length)).toMatchObject({ json: line, Level: undefined })
})

const schema = { columns: [{ name: 'Message', type: 'string' }] } as const

test.each([
  { columns: { OrderId: 'orderId' } },
  { nestedKey: 'payload' },
  { schema },
  { plan: 'auxiliary' },
  { mapping: 'passthrough', schema },
  { mapping: 'passthrough', plan: 'auxiliary' },
] as const)('with %o, values move or change, and no line is sent as it was written', (options) => {
  const pushed: object[] = []
  take(collect(options, (row) => pushed.push(row)).intake, `{${USUAL},"msg":"m","orderId":7}`)
  expect(pushed).toEqual([expect.not.objectContaining({ json: expect.anything() as unknown })])
  expect(pushed[0]).toMatchObject(
    'mapping' in options ? { msg: 'm', orderId: 7 } : { Message: 'm', Level: 'info' },
  )
})

test.each([{}, { columns: {} }, { plan: 'analytics' }, { mapping: 'passthrough' }] as const)(
  'with %o, a line is sent as it was written',
  (options) => {
    const pushed: object[] = []
    take(collect(options, (row) => pushed.push(row)).intake, `{${USUAL},"msg":"m"}`)
    expect(pushed).toEqual([expect.objectContaining({ json: expect.stringContaining('"m"') as string })])
  },
)

test('a line that a parser has to read is found inside a longer text too', () => {
  const { intake, rows } = collect()
  const text = '{"level":30,"msg":"one"}\n{"level":50,"err":{"message":"x"}}\n{"level":30,"ms'
  intake.take(text, 25, 25 + 34)
  expect(rows).toMatchObject([{ Level: 'error', ErrorMessage: 'x' }])
  expect(intake.unparsedLines()).toBe(0)
})
