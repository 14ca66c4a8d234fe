import { isAzlogsError } from '@azlogs/core'
import { AzureLogsTransport } from '@azlogs/winston'
import type { AzureLogsTransportOptions } from '@azlogs/winston'
import { expect, test } from 'vitest'

const VALID: AzureLogsTransportOptions = {
  endpoint: 'https://name-a1b2.westeurope-1.ingest.monitor.azure.com',
  ruleId: 'dcr-0123456789abcdef0123456789abcdef',
  streamName: 'Custom-AppLogs_CL',
}

function failure(options: object): { readonly code: string; readonly message: string } {
  try {
    new AzureLogsTransport(options)
  } catch (error) {
    if (isAzlogsError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

test('winston’s, our and the shipper’s options are accepted together', () => {
  const transport = new AzureLogsTransport({
    ...VALID,
    level: 'warn',
    silent: false,
    handleExceptions: false,
    handleRejections: false,
    columns: { StatusCode: 'res.statusCode' },
    flushIntervalMs: 100,
  })
  expect(transport.level).toBe('warn')
  expect(transport.stats()).toMatchObject({ accepted: 0, mapRecordFailures: 0 })
})

test('everything that is wrong with the destination is in one error', () => {
  const { code, message } = failure({ ...VALID, ruleId: 'my-rule', streamName: 'AppLogs_CL' })
  expect(code).toBe('AZLOGS_CONFIG')
  expect(message).toMatch(/ruleId[^]*streamName[^]*Did you mean "Custom-AppLogs_CL"/)
})

test.each([
  [{ flushIntervallMs: 1 }, /"flushIntervallMs" is no option; did you mean flushIntervalMs\?/],
  // winston-transport would let it take the place of ours.
  [{ log: () => {} }, /"log" is no option/],
  [{ mapping: 'raw' }, /mapping is "raw"; it can be 'default' or 'passthrough'/],
  [{ mapRecord: 'file.js' }, /mapRecord is a string; it must be a function/],
  [{ mapRecord: () => ({}), mapping: 'passthrough' }, /exclude each other/],
  [{ columns: { Level: 'severity' } }, /"Level" is a column that every row has already/],
  [{ closeTimeoutMs: -1 }, /closeTimeoutMs is -1/],
])('%o is refused', (wrong, reason) => {
  expect(failure({ ...VALID, ...wrong })).toMatchObject({
    code: 'AZLOGS_CONFIG',
    message: expect.stringMatching(reason),
  })
})
