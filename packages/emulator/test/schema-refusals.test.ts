import { expect, test } from 'vitest'

import { SchemaError } from '../src/index.ts'
import { readSchema } from '../src/read-schema.ts'

type Json = Readonly<Record<string, unknown>>

const time = { name: 'TimeGenerated', type: 'datetime' }

function table(name: string, columns: unknown, more: Json = {}): Json {
  return { name, properties: { plan: 'Analytics', schema: { name, columns, ...more } } }
}

interface Flow {
  readonly columns?: unknown
  readonly stream?: string
  readonly outputStream?: string
  readonly transformKql?: unknown
}

function rule({
  columns = [time],
  stream = 'Custom-T',
  outputStream = 'Custom-T_CL',
  transformKql = 'source',
}: Flow): Json {
  return {
    name: 'rule',
    properties: {
      streamDeclarations: { [stream]: { columns } },
      destinations: { logAnalytics: [{ name: 'ws' }] },
      dataFlows: [{ streams: [stream], destinations: ['ws'], outputStream, transformKql }],
    },
  }
}

/** `code path` of each problem, and their messages. */
function problemsOf(...documents: readonly unknown[]): {
  readonly places: readonly string[]
  readonly messages: string
} {
  try {
    readSchema(documents)
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error
    return {
      places: error.problems.map(({ code, path }) => `${code} ${path}`),
      messages: error.problems.map(({ message }) => message).join('\n'),
    }
  }
  return { places: [], messages: '' }
}

test('a table that the schema does not have is InvalidOutputTable, in the words of Azure', () => {
  const { places, messages } = problemsOf(rule({ outputStream: 'Custom-Other_CL' }), table('T_CL', [time]))
  expect(places).toEqual(['InvalidOutputTable [0].properties.dataFlows[0]'])
  expect(messages).toContain(
    "Table for output stream 'Custom-Other_CL' is not available for destination 'ws'.",
  )
  expect(messages).toContain('The schema holds T_CL')
})

test.each([
  ['the table itself, without a prefix', 'T_CL', 'begins with "Custom-"'],
  ['a table in another case', 'Custom-t_cl', 'The schema holds T_CL'],
])('%s is InvalidOutputTable, with what is right', (_name, outputStream, hint) => {
  const { places, messages } = problemsOf(rule({ outputStream }), table('T_CL', [time]))
  expect(places).toEqual(['InvalidOutputTable [0].properties.dataFlows[0]'])
  expect(messages).toContain(hint)
})

test('a rule alone has no table to write to', () => {
  expect(problemsOf(rule({})).messages).toContain('The schema holds no table: add the JSON of T_CL')
})

test('a classic table cannot be written to', () => {
  const { places, messages } = problemsOf(rule({}), table('T_CL', [time], { tableSubType: 'Classic' }))
  expect(places).toEqual(['InvalidOutputTable [0].properties.dataFlows[0]'])
  expect(messages).toContain('classic table')
})

test('types that differ between stream and table are InvalidTransformOutput, in the words of Azure', () => {
  const columns = [
    time,
    { name: 'Aa', type: 'int' },
    { name: 'Bb', type: 'real' },
    { name: 'Cc', type: 'string' },
  ]
  const wanted = [
    time,
    { name: 'Aa', type: 'long' },
    { name: 'Bb', type: 'int' },
    { name: 'Cc', type: 'guid' },
  ]
  const { places, messages } = problemsOf(rule({ columns }), table('T_CL', wanted))
  expect(places).toEqual(['InvalidTransformOutput [0].properties.dataFlows[0]'])
  expect(messages).toBe(
    'Types of transform output columns do not match the ones defined by the output stream: ' +
      "Aa [produced:'Int', output:'Long'], Bb [produced:'Double', output:'Int'], Cc [produced:'String', output:'Guid']",
  )
})

test('a stream cannot fill the platform’s TenantId', () => {
  const columns = [time, { name: 'TenantId', type: 'string' }]
  expect(problemsOf(rule({ columns }), table('T_CL', [time])).messages).toContain(
    "TenantId [produced:'String', output:'Guid']",
  )
})

test('a flow whose output has no TimeGenerated is InvalidTransformOutput', () => {
  const { places, messages } = problemsOf(
    rule({ columns: [{ name: 'time', type: 'datetime' }] }),
    table('T_CL', [time]),
  )
  expect(places).toEqual(['InvalidTransformOutput [0].properties.dataFlows[0]'])
  expect(messages).toContain('TimeGenerated')
})

test('a table without TimeGenerated, or with one of another type, is SchemaUpdateFatalError', () => {
  for (const columns of [[], [{ name: 'TimeGenerated', type: 'string' }]]) {
    expect(problemsOf(rule({}), table('T_CL', columns)).places).toEqual([
      'SchemaUpdateFatalError [1].properties.schema.columns',
    ])
  }
})

test.each([
  ['reserved', 'Type'],
  ['reserved in lower case only', 'id'],
  ['over 45 characters', 'A'.repeat(46)],
  ['one character', 'A'],
  ['with an underscore first', '_ResourceId'],
  ['with a hyphen', 'A-B'],
  ['not ASCII', 'Größe'],
])('a column name that is %s is refused with its place', (_name, name) => {
  const { places, messages } = problemsOf(rule({}), table('T_CL', [time, { name, type: 'string' }]))
  expect(places).toEqual(['InvalidTable [1].properties.schema.columns[1]'])
  expect(messages).toContain(name)
})

test('column names of 2 and of 45 characters, and of a stream whatever they are, are fine', () => {
  const names = ['Ab', 'A'.repeat(45)]
  const columns = [time, ...names.map((name) => ({ name, type: 'string' }))]
  const declared = [...columns, { name: 'not-a.column name', type: 'string' }]
  expect(problemsOf(rule({ columns: declared }), table('T_CL', columns)).places).toEqual([])
})

test('types that there are not are named, whatever declares them', () => {
  const columns = [time, { name: 'Price', type: 'money' }]
  const { places, messages } = problemsOf(rule({ columns }), table('T_CL', columns))
  expect(places).toEqual([
    "InvalidTable [0].properties.streamDeclarations['Custom-T'].columns[1]",
    'InvalidTable [1].properties.schema.columns[1]',
  ])
  expect(messages).toContain('"money"')
})

test('a stream cannot declare guid', () => {
  const columns = [time, { name: 'Key', type: 'guid' }]
  expect(problemsOf(rule({ columns }), table('T_CL', columns)).places).toContain(
    "InvalidStream [0].properties.streamDeclarations['Custom-T'].columns[1]",
  )
})

test('500 columns are allowed and one more is not', () => {
  const columns = (count: number) => [
    time,
    ...Array.from({ length: count - 1 }, (_, index) => ({ name: `Column${index}`, type: 'int' })),
  ]
  expect(problemsOf(rule({}), table('T_CL', columns(500))).places).toEqual([])
  expect(problemsOf(rule({}), table('T_CL', columns(501))).messages).toContain('501 columns')
})

test('more than 10 flows, or 20 streams, are too many', () => {
  const streams = Array.from({ length: 21 }, (_, index) => `Custom-S${index}`)
  const many = {
    properties: {
      streamDeclarations: Object.fromEntries(streams.map((name) => [name, { columns: [time] }])),
      dataFlows: streams.map((name) => ({ streams: [name], outputStream: 'Custom-T_CL' })),
    },
  }
  const { messages } = problemsOf(many, table('T_CL', [time]))
  expect(messages).toContain('21 data flows')
  expect(messages).toContain('21 streams')
})

test('a stream without the prefix, and one that flows nowhere, are refused', () => {
  expect(problemsOf(rule({ stream: 'T' }), table('T_CL', [time])).places).toEqual([
    'InvalidStream [0].properties.streamDeclarations.T',
  ])
  const idle = rule({})
  const properties = { ...(idle['properties'] as Json), dataFlows: [] }
  expect(problemsOf({ ...idle, properties }, table('T_CL', [time])).messages).toContain('flows into no table')
})

test('a flow of a stream that is not declared is refused at its name', () => {
  const base = rule({})
  const flows = (base['properties'] as { dataFlows: readonly Json[] }).dataFlows
  const properties = {
    ...(base['properties'] as Json),
    dataFlows: [...flows, { ...flows[0], streams: ['Custom-U'] }],
  }
  expect(problemsOf({ ...base, properties }, table('T_CL', [time])).places).toEqual([
    'InvalidStream [0].properties.dataFlows[1].streams[0]',
  ])
})

test('what a transformation gives out is compared with the table', () => {
  const { places, messages } = problemsOf(
    rule({ transformKql: 'source | extend Size = strlen("abc"), Ratio = 0.5' }),
    table('T_CL', [time, { name: 'Size', type: 'int' }, { name: 'Ratio', type: 'real' }]),
  )
  expect(places).toEqual(['InvalidTransformOutput [0].properties.dataFlows[0]'])
  expect(messages).toContain("output stream: Size [produced:'Long', output:'Int']")
  expect(messages).not.toContain('Ratio')
})

test('a transformation that this engine does not know is refused by name, and not as an error of Azure', () => {
  const { places, messages } = problemsOf(
    rule({ transformKql: 'source | extend Place = geo_location("1.1.1.1")' }),
    table('T_CL', [time]),
  )
  expect(places).toEqual(['UnsupportedLocally [0].properties.dataFlows[0].transformKql'])
  expect(messages).toContain('geo_location')
})

test('a function that runs here and is not on Microsoft’s list for transformations is a warning', () => {
  const schema = readSchema([
    rule({ transformKql: 'source | extend Text = reverse("ab")' }),
    table('T_CL', [time, { name: 'Text', type: 'string' }]),
  ])
  expect(schema.warnings).toEqual([
    expect.stringMatching(/^the transformation of Custom-T into T_CL uses reverse,.*Azure may refuse/),
  ])
})

test('a transformation that does not compile is InvalidTransformQuery with its position', () => {
  const { places, messages } = problemsOf(
    rule({ transformKql: 'source | where Stauts == 1' }),
    table('T_CL', [time]),
  )
  expect(places).toEqual(['InvalidTransformQuery [0].properties.dataFlows[0].transformKql'])
  expect(messages).toMatch(/1:\d+/)
})

test('a transformation of more than 15,360 characters is refused', () => {
  const transformKql = `source | where 1 == 1 // ${' '.repeat(15_360)}`
  expect(problemsOf(rule({ transformKql }), table('T_CL', [time])).messages).toContain('15360 are allowed')
})

test('a flow with several streams passes them on, and cannot transform them', () => {
  const both = (transformKql: string): Json => ({
    properties: {
      streamDeclarations: { 'Custom-A': { columns: [time] }, 'Custom-B': { columns: [time] } },
      dataFlows: [{ streams: ['Custom-A', 'Custom-B'], outputStream: 'Custom-T_CL', transformKql }],
    },
  })
  expect(problemsOf(both('source'), table('T_CL', [time])).places).toEqual([])
  expect(problemsOf(both('source | where true'), table('T_CL', [time])).messages).toContain(
    'a data flow with several streams cannot have a transformation',
  )
})

test('a column that is added to a built-in table must end in _CF', () => {
  const standardColumns = [time]
  expect(
    problemsOf(
      rule({ outputStream: 'Microsoft-Syslog' }),
      table('Syslog', [{ name: 'Shop', type: 'string' }], { standardColumns }),
    ).messages,
  ).toContain('must end in _CF')
})

test('problems of all documents are listed at once', () => {
  const { places } = problemsOf(
    rule({ stream: 'T' }),
    table('T_CL', [time, { name: 'Title', type: 'string' }]),
    { table: 'Own_CL', stream: 'Own', plan: 'Premium', columns: [time] },
    { nothing: true },
  )
  expect(places).toEqual([
    'InvalidDocument [3]',
    'InvalidTable [1].properties.schema.columns[1]',
    'InvalidTable [2].plan',
    'InvalidStream [2].stream',
    'InvalidStream [0].properties.streamDeclarations.T',
  ])
})

test.each([
  ['flows that are no array', { dataFlows: {}, streamDeclarations: {} }],
  [
    'streams that are text',
    { dataFlows: [{ streams: 'Custom-T' }], streamDeclarations: { 'Custom-T': { columns: [] } } },
  ],
  ['columns that are none', { dataFlows: [], streamDeclarations: { 'Custom-T': null } }],
  [
    'a transformation that is a number',
    {
      dataFlows: [{ streams: ['Custom-T'], transformKql: 1 }],
      streamDeclarations: { 'Custom-T': { columns: [time] } },
    },
  ],
])('%s cannot be read', (_name, properties) => {
  expect(problemsOf({ properties }, table('T_CL', [time])).places[0]).toMatch(
    /^InvalidDocument \[0\]\.properties\./,
  )
})
