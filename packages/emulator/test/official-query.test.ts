import { afterAll, beforeAll, expect, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { Emulator } from '../src/index.ts'
import { finish, spawnNode } from './run-node.ts'

// Microsoft's own query client, in a process that trusts the emulator's certificate authority.

interface Answer {
  readonly columns?: readonly { readonly name: string; readonly type: string }[]
  readonly rows?: readonly (readonly unknown[])[]
  readonly statistics?: unknown
  readonly visualization?: unknown
  readonly code?: string
  readonly statusCode?: number
  readonly details?: unknown
}

const table = {
  table: 'Everything_CL',
  stream: 'Custom-Everything_CL',
  columns: [
    { name: 'TimeGenerated', type: 'datetime' },
    { name: 'Text', type: 'string' },
    { name: 'Number', type: 'int' },
    { name: 'Count', type: 'long' },
    { name: 'Ratio', type: 'real' },
    { name: 'Ok', type: 'boolean' },
    { name: 'Properties', type: 'dynamic' },
  ],
}
const time = `${new Date(Date.now() - 60_000).toISOString().slice(0, 19)}.1234567Z`
const rows = [
  {
    TimeGenerated: time,
    Text: 'a',
    Number: 1,
    Count: 5_000_000_000,
    Ratio: 0.5,
    Ok: true,
    Properties: { list: [1, 'x'] },
  },
  { TimeGenerated: time, Text: '', Properties: 'plain' },
]

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ schema: table })
  const { token } = await emulator.credential.getToken('https://monitor.azure.com/.default')
  const url = `${emulator.url}/dataCollectionRules/${emulator.ruleId}/streams/${emulator.streamName}?api-version=2023-01-01`
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
  const { status } = await fetch(url, { method: 'POST', headers, body: JSON.stringify(rows) })
  expect(status).toBe(204)
})
afterAll(() => emulator.close())

async function ask(
  queries: readonly { readonly query: string; readonly duration?: string; readonly resource?: string }[],
  batch: readonly string[] = [],
): Promise<{ readonly results: readonly Answer[]; readonly batched: readonly unknown[] }> {
  const child = spawnNode(
    new URL('fixtures/official-query.ts', import.meta.url),
    [emulator.queryUrl],
    emulator.env,
  )
  const asked = queries.map(({ query, duration = 'P1D', resource }) => ({
    query,
    timespan: { duration },
    resource,
  }))
  child.stdin.end(JSON.stringify({ queries: asked, batch }))
  const { code, stdout, stderr } = await finish(child)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return JSON.parse(stdout) as { readonly results: readonly Answer[]; readonly batched: readonly unknown[] }
}

test('@azure/monitor-query-logs reads rows back over https, in their types', async () => {
  const { results } = await ask([{ query: 'Everything_CL' }])
  expect(results[0]?.columns).toEqual([
    { name: 'TimeGenerated', type: 'datetime' },
    { name: 'Text', type: 'string' },
    { name: 'Number', type: 'int' },
    { name: 'Count', type: 'long' },
    { name: 'Ratio', type: 'real' },
    { name: 'Ok', type: 'bool' },
    { name: 'Properties', type: 'dynamic' },
  ])
  const date = { date: `${time.slice(0, 23)}Z` }
  expect(results[0]?.rows).toEqual([
    [date, 'a', 1, 5_000_000_000, 0.5, true, { list: [1, 'x'] }],
    [date, '', null, null, null, null, 'plain'],
  ])
})

test('it summarizes, renders, reports statistics, and keeps to the timespan', async () => {
  const { results } = await ask([
    {
      query:
        'Everything_CL | summarize n = count() by Text | order by Text asc | render piechart with (title="Texts")',
    },
    { query: 'Everything_CL | count', duration: 'PT1S' },
    {
      query: 'Everything_CL | where TimeGenerated > ago(1h) and Properties.list[1] == "x" | project Text',
      duration: 'PT1H',
    },
    {
      query: 'Everything_CL | count',
      resource: '/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w',
    },
  ])
  expect(results.map((result) => result.rows)).toEqual([
    [
      ['', 1],
      ['a', 1],
    ],
    [[0]],
    [['a']],
    [[2]],
  ])
  expect(results[0]).toMatchObject({
    visualization: { visualization: 'piechart', title: 'Texts' },
    statistics: { query: { executionTime: expect.any(Number) as number } },
  })
})

test('it reports a wrong query in the shape of the service', async () => {
  const { results } = await ask([
    { query: 'completely invalid syntax' },
    { query: 'Everything_CL | where Nope == 1' },
    { query: 'Everything_CL | mv-expand Properties' },
  ])
  expect(results).toMatchObject([
    {
      code: 'BadArgumentError',
      statusCode: 400,
      details: {
        error: {
          code: 'BadArgumentError',
          innererror: { code: 'SyntaxError', innererror: { code: 'SYN0002' } },
        },
      },
    },
    { code: 'BadArgumentError', details: { error: { innererror: { code: 'SemanticError' } } } },
    { code: 'BadArgumentError', details: { error: { innererror: { code: 'UnsupportedLocally' } } } },
  ])
})

test('it runs a batch, in which one query fails', async () => {
  const { batched } = await ask([], ['Everything_CL | count', 'Everything_CL | wher', 'print x = 1'])
  expect(batched).toMatchObject([[[2]], { code: 'BadArgumentError' }, [[1]]])
})
