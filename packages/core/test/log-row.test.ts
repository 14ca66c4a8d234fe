import { hostname } from 'node:os'

import { expect, test } from 'vitest'

import { createRowMapper } from '../src/index.ts'
import type { LogEntry } from '../src/index.ts'

const ENTRY: LogEntry = { level: 'info', severity: 9, message: 'order placed' }

test('an entry becomes a row of the default table', () => {
  const row = createRowMapper()({
    ...ENTRY,
    timeMs: Date.UTC(2030, 0, 1),
    logger: 'checkout',
    traceId: 't',
    spanId: 's',
    hostName: 'web-1',
    processId: 7,
    properties: { orderId: 912 },
  })
  expect(JSON.parse(JSON.stringify(row))).toEqual({
    TimeGenerated: '2030-01-01T00:00:00.0000000Z',
    Level: 'info',
    SeverityNumber: 9,
    Message: 'order placed',
    Logger: 'checkout',
    HostName: 'web-1',
    ProcessId: 7,
    TraceId: 't',
    SpanId: 's',
    Properties: { orderId: 912 },
    RecordId: expect.stringMatching(/^[0-9a-f]{12}-\d+$/),
    EventTime: '2030-01-01T00:00:00.0000000Z',
  })
})

test('host and process are this one’s by default, and every record has its own id', () => {
  const map = createRowMapper()
  const rows = [map(ENTRY), map(ENTRY)]
  expect(rows[0]).toMatchObject({ HostName: hostname(), ProcessId: process.pid })
  expect(rows[0]).not.toHaveProperty('Properties')
  expect(rows[0]?.['RecordId']).not.toBe(rows[1]?.['RecordId'])
})

test('a row has a column only for what there is', () => {
  const columns = ['TimeGenerated', 'Level', 'SeverityNumber', 'Message', 'HostName', 'ProcessId', 'RecordId']
  const map = createRowMapper({ columns: { Absent: 'a.b' } })
  const bare = { logger: undefined, traceId: undefined, spanId: undefined, error: undefined }
  expect(Object.keys(map({ ...ENTRY, ...bare }))).toEqual([...columns, 'EventTime'])
  expect(Object.keys(map({ ...ENTRY, error: {} }))).toEqual([...columns, 'EventTime'])
  expect(Object.keys(map({ ...ENTRY, error: { message: 'refused' } }))).toEqual([
    ...columns,
    'EventTime',
    'ErrorMessage',
    'ErrorStack',
  ])
  expect(map({ ...ENTRY, error: new Error('no details') })).not.toHaveProperty('Properties')
})

test('a column takes nothing out of a text', () => {
  const row = createRowMapper({ columns: { Length: 'name.length' } })({
    ...ENTRY,
    properties: { name: 'abc' },
  })
  expect(row).toMatchObject({ Properties: { name: 'abc' } })
  expect(row).not.toHaveProperty('Length')
})

test('all columns that cannot be used are told at once', () => {
  const columns = { TenantId: 'a', Message: 'b', Fine: 'c' }
  expect(() => createRowMapper({ columns })).toThrow(
    expect.objectContaining({
      code: 'AZLOGS_CONFIG',
      message: expect.stringMatching(/^Bad columns: [^]*TenantId[^]*\. [^]*Message/) as string,
      problems: [expect.stringContaining('TenantId'), expect.stringContaining('Message')] as string[],
    }) as Error,
  )
})

test('an error fills its columns, and its other properties go to Properties.error', () => {
  const error = Object.assign(new TypeError('no stock'), { code: 'E_STOCK' })
  expect(createRowMapper()({ ...ENTRY, error, properties: { orderId: 1 } })).toMatchObject({
    ErrorType: 'TypeError',
    ErrorMessage: 'no stock',
    ErrorStack: expect.stringContaining('TypeError: no stock\n    at '),
    Properties: { orderId: 1, error: { code: 'E_STOCK' } },
  })
})

test('columns take values out of Properties and leave the caller’s object as it was', () => {
  const properties = { res: { statusCode: 500, size: 3 }, reqId: 'r1', deep: { only: { value: true } } }
  const before = structuredClone(properties)
  const map = createRowMapper({
    columns: { StatusCode: 'res.statusCode', RequestId: 'reqId', Flag: 'deep.only.value', Absent: 'a.b' },
  })
  const row = map({ ...ENTRY, properties })
  expect(row).toMatchObject({
    StatusCode: 500,
    RequestId: 'r1',
    Flag: true,
    Properties: { res: { size: 3 } },
  })
  expect(row['Properties']).toEqual({ res: { size: 3 } })
  expect('Absent' in row).toBe(false)
  expect(properties).toEqual(before)
})

test.each([
  ['9lives', 'a', 'a letter first'],
  ['Größe', 'a', 'a letter first'],
  ['x'.repeat(46), 'a', '45 characters'],
  ['TenantId', 'a', 'reserved by Azure'],
  ['Message', 'a', 'every row has already'],
  ['Fine', 'a..b', 'The path of column "Fine"'],
  ['Fine', '', 'The path of column "Fine"'],
])('column %s from path %j is refused: %s', (column, path, message) => {
  expect(() => createRowMapper({ columns: { [column]: path } })).toThrow(message)
})
