import { expect, test } from 'vitest'

import { asTable } from '../src/query/format.ts'
import { queryPlace } from '../src/query/place.ts'

const WORKSPACE = '12345678-1234-1234-1234-123456789abc'

test.each([
  [undefined, 'https://api.loganalytics.io'],
  ['https://logs.westeurope-1.ingest.monitor.azure.com', 'https://api.loganalytics.io'],
  ['https://logs.usgovvirginia-1.ingest.monitor.azure.us', 'https://api.loganalytics.us'],
  ['https://logs.chinaeast2-1.ingest.monitor.azure.cn', 'https://api.loganalytics.azure.cn'],
  ['https://api.monitor.azure.com/', 'https://api.monitor.azure.com'],
  ['no url', 'https://api.loganalytics.io'],
])('the workspace of an application that sends to %s is asked at %s', (endpoint, origin) => {
  expect(queryPlace(endpoint, WORKSPACE)).toEqual({
    endpoint: `${origin}/v1`,
    scope: `${origin}/.default`,
    workspaceId: WORKSPACE,
    isEmulator: false,
  })
})

test('the emulator answers under any workspace', () => {
  expect(queryPlace('http://127.0.0.1:4319', undefined)).toMatchObject({ isEmulator: true })
  expect(queryPlace('http://127.0.0.1:4319', WORKSPACE)).toMatchObject({ workspaceId: WORKSPACE })
})

test('without an emulator the workspace has to be given, by its GUID', () => {
  expect(() => queryPlace(undefined, undefined)).toThrow('Neither an emulator nor a workspace is given.')
  expect(() => queryPlace(undefined, 'my-workspace')).toThrow('"my-workspace", which is no GUID')
})

test('long cells are cut on a terminal, and nowhere else', () => {
  const answer = {
    columns: [{ name: 'Message', type: 'string' }],
    rows: [['x'.repeat(61)]],
    partialError: undefined,
  }
  expect(asTable(answer, true).at(-1)).toBe(`${'x'.repeat(59)}…`)
  expect(asTable(answer, false).at(-1)).toBe('x'.repeat(61))
})

test('an answer without rows is its head', () => {
  const columns = [{ name: 'Count', type: 'long' }]
  expect(asTable({ columns, rows: [], partialError: undefined }, true)).toEqual(['Count', '─────'])
})
