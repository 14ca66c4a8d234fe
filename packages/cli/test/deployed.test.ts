import { defaultSchema } from '@azlogs/emulator'
import { expect, test } from 'vitest'

import { compareSchemas } from '../src/diff/compare.ts'
import { findDeployed } from '../src/diff/deployed.ts'
import { planSteps } from '../src/diff/plan.ts'
import { createLock } from '../src/schema/lock.ts'
import type { LockColumn } from '../src/schema/lock.ts'

const BASE = defaultSchema.columns as readonly LockColumn[]
const LOCK = createLock('AppLogs_CL', [...BASE, { name: 'OrderId', type: 'long', from: ['orderId'] }])
const STREAM = LOCK.stream
const NAMES = LOCK.columns.map(({ name, type }) => ({ name, type }))

function deployed(...documents: readonly unknown[]): ReturnType<typeof findDeployed> {
  return findDeployed(documents, 'AppLogs_CL', STREAM)
}

function stepsFor(
  ...documents: readonly unknown[]
): readonly { readonly resource: string; readonly body: object }[] {
  const there = deployed(...documents)
  return planSteps(LOCK, [], there, compareSchemas(LOCK, [], there))
}

const TABLE = { name: 'AppLogs_CL', properties: { schema: { columns: BASE } } }
const RULE = {
  kind: 'Direct',
  properties: {
    streamDeclarations: { [STREAM]: { columns: NAMES } },
    dataFlows: [{ streams: [STREAM], outputStream: STREAM, transformKql: 'source' }],
  },
}

test('a table is found by its schema’s name or its own, in lists, templates and alone', () => {
  const bySchema = { properties: { schema: { name: 'AppLogs_CL', columns: BASE } } }
  const inTemplate = { resources: [{ ...TABLE, name: "[concat(parameters('w'), '/AppLogs_CL')]" }] }
  for (const document of [bySchema, TABLE, [TABLE], { value: [TABLE] }, inTemplate, [[TABLE]]]) {
    expect(deployed(document).table?.columns).toHaveLength(BASE.length)
  }
  for (const document of [{ ...TABLE, name: 'Other_CL' }, { ...TABLE, name: 7 }, 'text', null, {}]) {
    expect(deployed(document).table).toBeUndefined()
  }
})

test('types are compared whatever their case, and a nameless column is none of ours', () => {
  const columns = [{ name: 'TimeGenerated', type: 'dateTime' }, { name: 'Ok', type: 'Bool' }, {}]
  expect(deployed({ name: 'AppLogs_CL', properties: { schema: { columns } } }).table?.columns).toEqual([
    { name: 'TimeGenerated', type: 'datetime' },
    { name: 'Ok', type: 'boolean' },
    { name: '', type: '' },
  ])
})

test('of several rules the one with the stream counts', () => {
  const other = { kind: 'Direct', properties: { dataFlows: [] } }
  expect(deployed(other, RULE).rule).toMatchObject({ kind: 'Direct', outputStream: STREAM })
  expect(deployed(other).rule).toMatchObject({ columns: undefined, outputStream: undefined })
  expect(deployed({ properties: { streamDeclarations: { [STREAM]: {} } } }).rule).toMatchObject({
    columns: [],
  })
})

test('a rule without the stream gets it, with a flow into the workspace that it has', () => {
  const bare = {
    kind: 'Direct',
    properties: { streamDeclarations: {}, destinations: { logAnalytics: [{ name: 'w' }] } },
  }
  const problems = compareSchemas(LOCK, [], deployed(bare))
  expect(problems).toContainEqual(
    expect.objectContaining({ problem: `the rule does not declare the stream ${STREAM}` }),
  )
  expect(stepsFor(bare)).toMatchObject([
    {
      resource: 'rule',
      body: {
        properties: {
          streamDeclarations: { [STREAM]: { columns: NAMES } },
          dataFlows: [{ streams: [STREAM], destinations: ['w'], outputStream: STREAM }],
        },
      },
    },
  ])
  const withoutDestination = { kind: 'Direct', properties: { dataFlows: [] } }
  expect(stepsFor(withoutDestination)).toMatchObject([
    { body: { properties: { dataFlows: [{ streams: [STREAM] }] } } },
  ])
})

test('a table keeps the plan that it has', () => {
  expect(stepsFor(TABLE)).toMatchObject([{ resource: 'table', body: { properties: { plan: 'Analytics' } } }])
  const basic = { ...TABLE, properties: { ...TABLE.properties, plan: 'Basic' } }
  expect(stepsFor(basic)).toMatchObject([{ resource: 'table', body: { properties: { plan: 'Basic' } } }])
})

test('a stream may say guid where the schema says string; a table may not', () => {
  const lock = createLock('AppLogs_CL', [...BASE, { name: 'Key', type: 'string' }])
  const columns = [...BASE, { name: 'Key', type: 'guid' }]
  const rule = { kind: 'Direct', properties: { streamDeclarations: { [STREAM]: { columns } } } }
  expect(compareSchemas(lock, [], deployed(rule))).toEqual([])
  const table = { name: 'AppLogs_CL', properties: { schema: { columns } } }
  expect(compareSchemas(lock, [], deployed(table))).toMatchObject([
    {
      kind: 'refuse',
      column: 'Key',
      has: 'guid',
      wanted: 'string',
      proposal: { name: 'Key_v2', type: 'string' },
    },
  ])
})

test.each([
  [{ endpoints: {} }, 0],
  [{ dataCollectionEndpointId: '/dce' }, 0],
  [{ endpoints: null }, 1],
])('a rule of no kind with %j: %i problems', (properties, count) => {
  const rule = { properties: { ...RULE.properties, ...properties } }
  const problems = compareSchemas(LOCK, [], deployed(rule))
  expect(problems).toHaveLength(count)
  if (count > 0)
    expect(problems).toMatchObject([
      { problem: 'the rule is of the kind none and has no endpoint of its own' },
    ])
})
