import { readFile } from 'node:fs/promises'

import { expect, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { ArmDocument } from '../src/index.ts'
import { defaultSchema } from '../src/lock-file.ts'
import { readSchema } from '../src/read-schema.ts'
import { upload, uploadPath } from './upload.ts'

async function read(name: string): Promise<ArmDocument> {
  return JSON.parse(await readFile(new URL(`fixtures/arm/${name}`, import.meta.url), 'utf8')) as ArmDocument
}

const template = await read('template.json')
const symbolic = await read('template-symbolic.json')
const parameters = await read('parameters.json')
const rule = await read('rule.json')
const tables = await read('tables.json')

test('a rule and its tables are read as az rest returns them, with the rule’s own id', () => {
  const schema = readSchema([rule, tables])
  expect(schema.rules).toMatchObject([
    {
      name: 'orders-prod',
      ruleId: 'dcr-00112233445566778899aabbccddeeff',
      streams: [
        { name: 'Custom-Orders', flows: [{ table: { name: 'Orders_CL' } }] },
        { name: 'Custom-Audit_CL', flows: [{ transformKql: 'source', table: { name: 'Audit_CL' } }] },
      ],
    },
  ])
  expect(schema.tables.map(({ name, plan }) => [name, plan])).toEqual([
    ['Orders_CL', 'Analytics'],
    ['Audit_CL', 'Basic'],
  ])
  // TenantId is the platform's: no row can fill it.
  expect(schema.tables[0].columns.map((column) => column.name)).toEqual([
    'TimeGenerated',
    'OrderId',
    'Note',
    'Detail',
  ])
})

/** The rule of the fixture with one stream and its flow left out. */
function withoutFlow(document: ArmDocument, index: number): unknown {
  const properties = document['properties'] as {
    streamDeclarations: Record<string, unknown>
    dataFlows: { streams: string[] }[]
  }
  const [stream = ''] = properties.dataFlows[index]?.streams ?? []
  const { [stream]: _left, ...streamDeclarations } = properties.streamDeclarations
  return { ...properties, streamDeclarations, dataFlows: properties.dataFlows.toSpliced(index, 1) }
}

test('rows take the way of the deployed rule: by its id, through its transformation, into its table', async () => {
  await using emulator = await startEmulator({ https: false, schema: [rule, tables] })
  const time = new Date().toISOString()
  const response = await upload(emulator, [{ time, orderId: 912, note: 'placed', detail: { items: 2 } }])
  expect(response.status).toBe(204)
  expect(emulator.rows()).toEqual([
    { TimeGenerated: expect.any(String), OrderId: 912, Note: 'placed', Detail: { items: 2 } },
  ])
  expect(Date.parse(String(emulator.rows()[0]?.['TimeGenerated']))).toBe(Date.parse(time))
  emulator.assertNothingDropped()
})

test('what az monitor show prints, with the properties lifted up, is the same rule and table', () => {
  const { properties, ...rest } = { ...rule, properties: withoutFlow(rule, 0) } as Record<string, unknown>
  const lifted = { ...rest, ...(properties as object) } as ArmDocument
  const table = (tables['value'] as readonly { properties: object }[])[1]
  expect(readSchema([lifted, { ...table?.properties } as ArmDocument])).toEqual(
    readSchema([{ ...rest, properties } as ArmDocument, table as ArmDocument]),
  )
})

test('a compiled Bicep template is read with the defaults of its parameters', () => {
  const schema = readSchema(template)
  expect(schema).toMatchObject({
    rules: [{ name: 'applogs-prod', streams: [{ name: 'Custom-AppLogs_CL' }] }],
    tables: [{ name: 'AppLogs_CL', plan: 'Analytics' }],
  })
  const [stream] = schema.rules[0].streams
  expect(stream.columns).toEqual([
    { name: 'TimeGenerated', type: 'datetime' },
    { name: 'Message', type: 'string' },
    { name: 'Properties', type: 'dynamic' },
  ])
  expect(schema.rules[0].ruleId).toMatch(/^dcr-[0-9a-f]{32}$/)
  expect(schema.rules[0].ruleId).toBe(readSchema(template).rules[0].ruleId)
})

test('a template with symbolic names, a module and a parameters file is read', () => {
  expect(readSchema([symbolic, parameters])).toMatchObject({
    rules: [
      { name: 'from-module', streams: [{ name: 'Custom-Text', flows: [{ table: { name: 'Text_CL' } }] }] },
    ],
    tables: [{ name: 'Text_CL', plan: 'Auxiliary' }],
  })
})

test('a parameter that has no value is named with its place', () => {
  expect(() => readSchema(symbolic)).toThrow(
    /UnsupportedLocally at resources\.logs\.properties\.template\.resources\.table\.properties\.schema: parameter tableName has no default value/,
  )
})

test('an expression that needs Azure is named with its function and its place', () => {
  const text = JSON.stringify(template).replace("[parameters('tableName')]", '[resourceGroup().name]')
  expect(() => readSchema(JSON.parse(text))).toThrow(
    /at resources\[0\]\.properties\.schema: resourceGroup\(\) cannot be resolved locally/,
  )
})

test('a loop over tables is named, other resources may loop', () => {
  const looped = structuredClone(template) as unknown as { resources: Record<string, unknown>[] }
  Object.assign(looped.resources[0] ?? {}, { copy: { name: 'tables', count: 2 } })
  expect(() => readSchema(looped)).toThrow(/at resources\[0\]\.copy: loops are not resolved locally/)
})

test('a resource whose condition is false is left out', () => {
  const conditional = structuredClone(template) as unknown as { resources: Record<string, unknown>[] }
  Object.assign(conditional.resources[0] ?? {}, { condition: '[equals(1, 2)]' })
  expect(readSchema(conditional).tables).toHaveLength(1)
  Object.assign(conditional.resources[0] ?? {}, { condition: false })
  expect(() => readSchema(conditional)).toThrow('InvalidOutputTable at resources[1].properties.dataFlows[0]')
})

test('rules of agents in a list are passed over, and alone are no rule', () => {
  const agents = {
    type: 'Microsoft.Insights/dataCollectionRules',
    name: 'agents',
    properties: {
      dataSources: { syslog: [{ name: 'syslog', streams: ['Microsoft-Syslog'] }] },
      dataFlows: [{ streams: ['Microsoft-Syslog'], destinations: ['ws'] }],
    },
  }
  expect(() => readSchema({ value: [agents] })).toThrow('no data collection rule with a declared stream')
  expect(readSchema([{ value: [agents] }, template]).rules).toHaveLength(1)
})

test('a built-in table takes its own columns, and what its owner added', () => {
  const table = {
    name: 'Syslog',
    properties: {
      plan: 'Analytics',
      schema: {
        name: 'Syslog',
        columns: [{ name: 'Shop_CF', type: 'string' }],
        standardColumns: [
          { name: 'TenantId', type: 'guid' },
          { name: '_ResourceId', type: 'string' },
          { name: 'TimeGenerated', type: 'dateTime' },
          { name: 'SyslogMessage', type: 'string' },
        ],
      },
    },
  }
  const into = {
    name: 'syslog',
    properties: {
      streamDeclarations: {
        'Custom-Lines': {
          columns: [
            { name: 'TimeGenerated', type: 'datetime' },
            { name: 'SyslogMessage', type: 'string' },
            { name: 'Shop_CF', type: 'string' },
          ],
        },
      },
      dataFlows: [{ streams: ['Custom-Lines'], outputStream: 'Microsoft-Syslog' }],
    },
  }
  expect(readSchema([table, into]).tables).toMatchObject([
    { name: 'Syslog', columns: [{ name: 'Shop_CF' }, { name: 'TimeGenerated' }, { name: 'SyslogMessage' }] },
  ])
})

test('several rules each answer under their own id', async () => {
  const other = {
    ...rule,
    properties: { ...(withoutFlow(rule, 0) as object), immutableId: 'dcr-ffeeddccbbaa99887766554433221100' },
  }
  await using emulator = await startEmulator({ https: false, schema: [template, other, tables] })
  const [first, second] = emulator.rules
  expect(emulator.ruleId).toBe(first?.ruleId)
  expect(emulator.env['AZURE_DCR_RULE_ID']).toBe(first?.ruleId)
  await upload(emulator, [{ Message: 'to the first' }])
  const path = uploadPath(emulator, { ruleId: second?.ruleId ?? '', streamName: 'Custom-Audit_CL' })
  expect((await upload(emulator, [{ Actor: 'to the second' }], { path })).status).toBe(204)
  expect(emulator.rows('AppLogs_CL')).toMatchObject([{ Message: 'to the first' }])
  expect(emulator.rows('Audit_CL')).toMatchObject([{ Actor: 'to the second' }])
  expect(emulator.verdicts()).toMatchObject([
    { ruleId: first?.ruleId, tables: ['AppLogs_CL'] },
    { ruleId: second?.ruleId, tables: ['Audit_CL'] },
  ])
  // The stream of one rule is none of the other's.
  const wrong = uploadPath(emulator, { streamName: 'Custom-Audit_CL' })
  expect((await upload(emulator, [{}], { path: wrong })).status).toBe(400)
})

test('the option ruleId names the first rule without an id, and is refused when there is none', () => {
  const audit = { ...rule, properties: withoutFlow(rule, 0) } as ArmDocument
  const schema = readSchema([audit, tables, template], 'dcr-mine')
  expect(schema.rules.map(({ ruleId }) => ruleId)).toEqual([
    'dcr-00112233445566778899aabbccddeeff',
    'dcr-mine',
  ])
  expect(() => readSchema([audit, tables], 'dcr-mine')).toThrow('every rule has an id of its own')
})

test('lock files and ARM JSON go together', () => {
  expect(readSchema([template, { ...defaultSchema, table: 'Own_CL' }]).rules).toHaveLength(2)
})
