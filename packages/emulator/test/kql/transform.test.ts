import { expect, test } from 'vitest'

import { compileTransform, KqlError } from '../../src/kql/index.ts'
import { columnsOf } from './run-query.ts'

const input = columnsOf({
  TimeGenerated: 'datetime',
  Message: 'string',
  AdditionalContext: 'dynamic',
  Status: 'int',
  ['request-id' as string]: 'string',
})

function refusal(text: string): Pick<KqlError, 'code' | 'message' | 'line' | 'column'> {
  try {
    compileTransform(text, input)
  } catch (error) {
    if (error instanceof KqlError) return error
    throw error
  }
  throw new Error(`it was taken: ${text}`)
}

test('source passes rows as they are', () => {
  const { resultColumns, run, undocumented } = compileTransform('source', input)
  expect(resultColumns).toEqual(input)
  expect(undocumented).toEqual([])
  const row = {
    TimeGenerated: '2026-11-23T10:00:00.1234567Z',
    Message: 'm',
    AdditionalContext: { a: [1] },
    Status: 3,
    'request-id': 'r',
  }
  expect(run(row)).toEqual([row])
  expect(run({})).toEqual([
    { TimeGenerated: null, Message: '', AdditionalContext: null, Status: null, 'request-id': '' },
  ])
})

test('the example of Microsoft reads a dynamic column (data-collection-transformations-kql.md)', () => {
  const { resultColumns, run } = compileTransform(
    `source
     | extend parsedAdditionalContext = parse_json(AdditionalContext)
     | extend Level = toint (parsedAdditionalContext.Level)
     | extend DeviceId = tostring(parsedAdditionalContext.DeviceID)
     | project TimeGenerated, Message, Level, DeviceId`,
    input,
  )
  expect(resultColumns).toEqual([
    { name: 'TimeGenerated', type: 'datetime' },
    { name: 'Message', type: 'string' },
    { name: 'Level', type: 'int' },
    { name: 'DeviceId', type: 'string' },
  ])
  const row = {
    TimeGenerated: '2021-11-07T09:13:06.570354Z',
    Message: 'Houston, we have a problem',
    AdditionalContext: { Level: 2, DeviceID: 'apollo13' },
  }
  expect(run(row)).toEqual([
    { TimeGenerated: row.TimeGenerated, Message: row.Message, Level: 2, DeviceId: 'apollo13' },
  ])
})

test('print gives one row of its own (the same page)', () => {
  const { run } = compileTransform('print x = 2 + 2, y = 5 | extend z = exp2(x) + exp2(y)', input)
  expect(run({ Message: 'ignored' })).toEqual([{ x: 4, y: 5, z: 48 }])
})

test('where drops rows, and a name that is no identifier is written in brackets', () => {
  const { run } = compileTransform("source | where ['request-id'] startswith 'r' | project Message", input)
  expect(run({ 'request-id': 'r1', Message: 'kept' })).toEqual([{ Message: 'kept' }])
  expect(run({ 'request-id': 'x', Message: 'dropped' })).toEqual([])
})

test('now() is the time of each record', () => {
  const { run } = compileTransform('source | project TimeGenerated = now()', input)
  const before = new Date().toISOString()
  const [row] = run({})
  expect(String(row?.['TimeGenerated']) >= before.slice(0, 19)).toBe(true)
})

test.for([
  ['source | summarize count()', 'summarize'],
  ['source | sort by Status', 'sort'],
  ['source | take 1', 'take'],
  ['source | distinct Status', 'distinct'],
  ['source | top 1 by Status', 'top'],
  ['source | count', 'count'],
  ['source | mv-expand AdditionalContext', 'mv-expand'],
  ['source | join source on Status', 'join'],
  ['source | parse-kv Message as (a: string)', 'parse-kv'],
  ['union source, source', 'union'],
] as const)('%s is refused by name: Azure takes one row at a time', ([text, name]) => {
  const { code, message } = refusal(text)
  expect(code).toBe('UnsupportedInTransform')
  expect(message).toContain(`${name}: not supported locally in a transformation (Azure refuses it too)`)
})

test.for([
  ['coalesce(Message, "x")', 'iff'],
  ['replace_string(Message, "a", "b")', 'replace'],
  ['bag_pack("a", 1)', 'pack'],
  ['column_ifexists("Message", "")', 'columnifexists'],
] as const)('%s is refused as Azure has been seen to refuse it', ([call, instead]) => {
  const { code, message } = refusal(`source | extend x = ${call}`)
  expect(code).toBe('UnsupportedInTransform')
  expect(message).toContain('Runtime scalar function provider not found')
  expect(message).toContain(instead)
})

test.for(['geo_location("1.0.0.5")', 'parse_cef_dictionary(Message)', 'parse_xml(Message)'])(
  '%s is not guessed: it is fine in Azure',
  (call) => {
    const name = call.slice(0, call.indexOf('('))
    const { code, message } = refusal(`source | extend x = ${call}`)
    expect(code).toBe('UnsupportedLocally')
    expect(message).toContain(`${name}(): not supported locally, fine in Azure`)
  },
)

test('what Microsoft does not list is run and named', () => {
  const { undocumented } = compileTransform('source | extend x = trim(" ", Message) | project-keep x', input)
  expect(undocumented).toEqual(['trim', 'project-keep'])
})

test('an error says where it is', () => {
  expect(refusal('source\n| where\n  Mesage == "x"')).toMatchObject({ code: 'Semantic', line: 3, column: 3 })
  expect(refusal('source | where message == "x"').message).toContain('it is written Message')
  expect(refusal('source | extend x = Status == "x"')).toMatchObject({
    code: 'Semantic',
    line: 1,
    column: 28,
  })
  expect(refusal('source | where (')).toMatchObject({ code: 'Syntax', line: 1, column: 17 })
})

test('parse takes ten columns in a transformation', () => {
  const pattern = (count: number): string =>
    Array.from({ length: count }, (_, index) => `"${index}" c${index}`).join(' ')
  expect(() => compileTransform(`source | parse Message with ${pattern(10)}`, input)).not.toThrow()
  expect(refusal(`source | parse Message with ${pattern(11)}`).code).toBe('UnsupportedInTransform')
})

test('a transformation has 15,360 characters', () => {
  expect(refusal(`source // ${'x'.repeat(15_360)}`).code).toBe('LimitExceeded')
})
