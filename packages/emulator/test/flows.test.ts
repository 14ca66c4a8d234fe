import { expect, onTestFinished, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { ArmDocument, Emulator, EmulatorOptions } from '../src/index.ts'
import { upload } from './upload.ts'

const time = { name: 'TimeGenerated', type: 'datetime' }
const text = { name: 'Text', type: 'string' }

function table(name: string, columns: readonly object[], plan = 'Analytics'): ArmDocument {
  return { name, properties: { plan, schema: { name, columns } } }
}

interface FlowOptions {
  readonly to: string
  readonly transformKql?: string
}

function rule(columns: readonly object[], ...flows: readonly FlowOptions[]): ArmDocument {
  return {
    name: 'rule',
    properties: {
      streamDeclarations: { 'Custom-In': { columns } },
      dataFlows: flows.map(({ to, transformKql = 'source' }) => ({
        streams: ['Custom-In'],
        outputStream: `Custom-${to}`,
        transformKql,
      })),
    },
  }
}

async function start(schema: readonly ArmDocument[], options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({ https: false, schema, ...options })
  onTestFinished(() => emulator.close())
  return emulator
}

test('a stream with two flows stores its rows in both tables', async () => {
  const emulator = await start([
    rule([time, text], { to: 'One_CL' }, { to: 'Two_CL' }),
    table('One_CL', [time, text]),
    table('Two_CL', [text, time]),
  ])
  await upload(emulator, [{ Text: 'a' }, { Text: 'b' }])
  for (const name of ['One_CL', 'Two_CL']) {
    expect(emulator.rows(name)).toMatchObject([{ Text: 'a' }, { Text: 'b' }])
  }
  expect(emulator.verdicts()).toMatchObject([
    { tables: ['One_CL', 'Two_CL'], rowsReceived: 2, rowsStored: 4, rowsFiltered: 0 },
  ])
})

test('a column that the stream declares and the table does not have is lost, and named with the table', async () => {
  const schema = [
    rule([time, text, { name: 'Extra', type: 'int' }], { to: 'T_CL' }),
    table('T_CL', [time, text]),
  ]
  const emulator = await start(schema)
  await upload(emulator, [{ Text: 'a', Extra: 1 }, { Text: 'b' }, { Extra: null }])
  expect(emulator.rows()).toMatchObject([{ Text: 'a' }, { Text: 'b' }, { Text: '' }])
  expect(emulator.verdicts()).toMatchObject([{ droppedColumns: {}, droppedFromTable: { 'T_CL.Extra': 1 } }])
  expect(() => emulator.assertNothingDropped()).toThrow(
    'T_CL.Extra is no column of the table: dropped from 1 row',
  )

  const strict = await start(schema, { mode: 'strict' })
  expect((await upload(strict, [{ Extra: 1 }])).status).toBe(400)
  expect(strict.rows()).toEqual([])
})

test('a transformation renames, converts and filters, which is no loss', async () => {
  const emulator = await start([
    rule(
      [
        { name: 'when', type: 'datetime' },
        { name: 'level', type: 'int' },
        { name: 'msg', type: 'string' },
      ],
      {
        to: 'T_CL',
        transformKql:
          'source | where level >= 9 | extend Text = strcat(msg, "!") | project TimeGenerated = when, Text, Level = tolong(level)',
      },
    ),
    table('T_CL', [time, text, { name: 'Level', type: 'long' }]),
  ])
  const when = `${new Date().toISOString().slice(0, 19)}.1234567Z`
  await upload(emulator, [
    { when, level: 9, msg: 'kept' },
    { when, level: 8, msg: 'filtered' },
    { when, level: '10', msg: 'converted first' },
  ])
  expect(emulator.rows()).toEqual([
    { TimeGenerated: when, Text: 'kept!', Level: 9 },
    { TimeGenerated: when, Text: 'converted first!', Level: 10 },
  ])
  expect(emulator.verdicts()).toMatchObject([
    { rowsReceived: 3, rowsStored: 2, rowsFiltered: 1, coercedValues: { level: 1 } },
  ])
  emulator.assertNothingDropped()
})

test('values of every type come through a transformation as they were', async () => {
  const columns = [
    time,
    text,
    { name: 'Int', type: 'int' },
    { name: 'Long', type: 'long' },
    { name: 'Huge', type: 'long' },
    { name: 'Real', type: 'real' },
    { name: 'Yes', type: 'boolean' },
    { name: 'When', type: 'datetime' },
    { name: 'Bag', type: 'dynamic' },
  ]
  const emulator = await start([
    rule(columns, { to: 'T_CL', transformKql: 'source | where true' }),
    table('T_CL', columns),
  ])
  const now = `${new Date().toISOString().slice(0, 19)}.0000001Z`
  const row = `{"TimeGenerated":"${now}","Text":"ä€","Int":-7,"Long":9007199254740991,"Huge":9223372036854775807,
    "Real":0.1,"Yes":false,"When":"2001-02-03T04:05:06.789Z","Bag":{"a":[1,"x",null]}}`
  await upload(emulator, `[${row},{}]`)
  const [first, second] = emulator.rows()
  expect(first).toMatchObject({
    TimeGenerated: now,
    Text: 'ä€',
    Int: -7,
    Long: 9_007_199_254_740_991,
    Huge: 9_223_372_036_854_775_807n,
    Real: 0.1,
    Yes: false,
    Bag: { a: [1, 'x', null] },
  })
  expect(Date.parse(String(first?.['When']))).toBe(Date.parse('2001-02-03T04:05:06.789Z'))
  expect(second).toMatchObject({ Text: '', Int: null, Huge: null, Yes: null, When: null, Bag: null })
  emulator.assertNothingDropped()
})

test('a time that a transformation fails to read is replaced, and counts as lost', async () => {
  const emulator = await start([
    rule([{ name: 'when', type: 'string' }], {
      to: 'T_CL',
      transformKql: 'source | project TimeGenerated = todatetime(when)',
    }),
    table('T_CL', [time]),
  ])
  await upload(emulator, [{ when: 'noon' }, { when: new Date().toISOString() }])
  expect(emulator.rows()).toHaveLength(2)
  expect(emulator.verdicts()).toMatchObject([{ restampedRows: { unreadable: 1, missing: 0 } }])
  expect(() => emulator.assertNothingDropped()).toThrow('no datetime')
})

test('a long text is cut after the transformation, which sees all of it', async () => {
  const emulator = await start([
    rule([time, text], {
      to: 'T_CL',
      transformKql: 'source | extend Length = strlen(Text)',
    }),
    table('T_CL', [time, text, { name: 'Length', type: 'long' }]),
  ])
  await upload(emulator, [{ Text: 'x'.repeat(70_000) }])
  expect(emulator.rows()).toMatchObject([{ Text: 'x'.repeat(65_536), Length: 70_000 }])
  expect(emulator.verdicts()).toMatchObject([{ truncatedValues: { Text: 1 } }])
})

const NOW = (): string => `${new Date().toISOString().slice(0, 19)}.123456Z`

test('an Auxiliary table takes TimeGenerated with six decimals only', async () => {
  const schema = [rule([time, text], { to: 'A_CL' }), table('A_CL', [time, text], 'Auxiliary')]
  const emulator = await start(schema)
  const now = NOW()
  await upload(emulator, [
    { TimeGenerated: now },
    { TimeGenerated: now.replace('456Z', 'Z') },
    { TimeGenerated: now.replace('Z', '7Z') },
    { TimeGenerated: now.replace(/\..*/, 'Z') },
  ])
  const [first, ...others] = emulator.rows().map((row) => row['TimeGenerated'])
  expect(first).toBe(now)
  expect(others).not.toContain(now)
  expect(emulator.verdicts()).toMatchObject([{ restampedRows: { notMicroseconds: 3 } }])
  expect(() => emulator.assertNothingDropped()).toThrow('six decimals')

  const analytics = await start([rule([time, text], { to: 'A_CL' }), table('A_CL', [time, text])])
  await upload(analytics, [{ TimeGenerated: now.replace('456Z', 'Z') }])
  analytics.assertNothingDropped()
})

test('an Auxiliary table refuses nested JSON outside of dynamic columns, with the whole call', async () => {
  const bag = { name: 'Bag', type: 'dynamic' }
  const emulator = await start([
    rule([time, text, bag], { to: 'A_CL' }),
    table('A_CL', [time, text, bag], 'Auxiliary'),
  ])
  const fine = { TimeGenerated: NOW(), Bag: { nested: [1] }, Text: '{"text":1}' }
  expect((await upload(emulator, [fine])).status).toBe(204)
  for (const nested of [{ a: 1 }, [1]]) {
    const refused = await upload(emulator, [fine, { TimeGenerated: NOW(), Text: nested }])
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({
      error: { code: 'MalformedJson', message: expect.stringMatching(/^malformed JSON: .*Text/) },
    })
  }
  expect(emulator.rows()).toHaveLength(1)

  const analytics = await start([rule([time, text], { to: 'A_CL' }), table('A_CL', [time, text])])
  expect((await upload(analytics, [{ Text: { a: 1 } }])).status).toBe(204)
  expect(analytics.rows()).toMatchObject([{ Text: '{"a":1}' }])
})

test('with a transformation an Auxiliary table takes any span and any datetime', async () => {
  const emulator = await start([
    rule([time, text], { to: 'A_CL', transformKql: 'source | extend Text = tolower(Text)' }),
    table('A_CL', [time, text], 'Auxiliary'),
  ])
  const hourAgo = new Date(Date.now() - 3_600_000).toISOString()
  const rows = [{ TimeGenerated: hourAgo }, { TimeGenerated: new Date().toISOString() }]
  expect((await upload(emulator, rows)).status).toBe(204)
  emulator.assertNothingDropped()
})
