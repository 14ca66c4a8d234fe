import { expect, test } from 'vitest'

import {
  checkDestination,
  checkEndpoint,
  checkRuleId,
  checkStreamName,
  uploadUrl,
} from '../src/destination.ts'
import type { Checked, DestinationRules } from '../src/destination.ts'

const ENDPOINT = 'https://app-a1b2.westeurope-1.ingest.monitor.azure.com'
const RULE_ID = 'dcr-0123456789abcdef0123456789abcdef'
const ARM_ID = '/subscriptions/1/resourceGroups/rg/providers/Microsoft.Insights/dataCollectionRules/app'

function problemOf(checked: Checked<unknown>): string {
  return checked.ok ? '' : checked.problem
}

test.each([
  ENDPOINT,
  `${ENDPOINT}/`,
  'https://app-a1b2.usgovvirginia-1.ingest.monitor.azure.us',
  'https://app-a1b2.chinanorth3-1.ingest.monitor.azure.cn',
  'https://private.example:8443',
  'http://127.0.0.1:4577',
  'http://127.8.8.8:4577',
  'http://localhost:4577',
  'http://[::1]:4577',
])('%s is an endpoint', (value) => {
  expect(checkEndpoint(value, {})).toEqual({ ok: true, value: new URL(value) })
})

test.each([
  [undefined, 'is missing.'],
  ['', 'is missing.'],
  [null, 'is null; it must be a string'],
  [5, 'is of type number; it must be a string'],
  [RULE_ID, 'that is a rule id'],
  [ARM_ID, 'that is an ARM resource id'],
  ['app-a1b2.westeurope-1.ingest.monitor.azure.com', 'which is no URL'],
  ['app-a1b2.westeurope-1.ingest.monitor.azure.com:443', 'it must begin with https://'],
  ['Custom-AppLogs_CL', 'which is no URL'],
  ['ftp://app-a1b2.westeurope-1.ingest.monitor.azure.com', 'it must begin with https://'],
  ['https://app-a1b2.westeurope-1.control.monitor.azure.com', 'the configuration access endpoint'],
  ['https://app-a1b2.westeurope-1.metrics.ingest.monitor.azure.com', 'the metrics ingestion endpoint'],
  ['https://11111111-2222.ods.opinsights.azure.com', 'retired on 2026-09-14'],
  ['https://management.azure.com/subscriptions/1', 'management API'],
  ['https://portal.azure.com/#home', 'portal'],
  ['https://169.254.169.254', 'that is a link-local address'],
  // The same address in other spellings.
  ['https://0xa9fea9fe', 'that is a link-local address'],
  ['https://2852039166/', 'that is a link-local address'],
  ['https://[fe80::1]', 'that is a link-local address'],
  [`${ENDPOINT}/dataCollectionRules/x`, 'give the host only'],
  [`${ENDPOINT}/?api-version=1`, 'give the host only'],
  [`${ENDPOINT}/#x`, 'give the host only'],
  ['http://app-a1b2.westeurope-1.ingest.monitor.azure.com', 'http: is accepted for this machine only'],
  ['http://localhost.example', 'http: is accepted for this machine only'],
  ['http://127.0.0.1.example', 'http: is accepted for this machine only'],
])('%s is no endpoint, and the problem says why', (value, said) => {
  const problem = problemOf(checkEndpoint(value, {}))
  expect(problem).toMatch(/^endpoint /)
  expect(problem).toContain(said)
})

test('a secret in an address that was pasted by mistake is not repeated', () => {
  for (const value of [
    'https://user:canary@good.ingest.monitor.azure.com',
    'https://good.ingest.monitor.azure.com@canary.example',
    'https://store.blob.core.windows.net/logs?sv=2026&sig=canary',
  ]) {
    const problem = problemOf(checkEndpoint(value, {}))
    expect(problem).not.toBe('')
    expect(problem).not.toContain('canary')
  }
})

test('http: to another machine needs allowInsecureConnection', () => {
  expect(checkEndpoint('http://collector.example', { allowInsecureConnection: true })).toMatchObject({
    ok: true,
  })
})

test.each([
  [undefined, 'is missing.'],
  ['', 'is missing.'],
  [5, 'is of type number'],
  [ARM_ID, 'that is the ARM resource id'],
  [ENDPOINT, 'that is an address'],
  ['Custom-AppLogs_CL', 'that is a stream name'],
  ['dcr-0123', 'exactly 32 lower-case hexadecimal digits'],
  [RULE_ID.toUpperCase(), 'perhaps the DCR’s name'],
  [`${RULE_ID}\n`, 'exactly 32 lower-case hexadecimal digits'],
  [`${RULE_ID}/../dcr-x`, 'exactly 32 lower-case hexadecimal digits'],
  ['my-rule', 'perhaps the DCR’s name'],
])('%j is no rule id, and the problem says why', (value, said) => {
  const problem = problemOf(checkRuleId(value, {}))
  expect(problem).toMatch(/^ruleId /)
  expect(problem).toContain(said)
  expect(problem).toContain('immutableId')
})

test.each([
  [undefined, 'is missing.'],
  [5, 'is of type number'],
  [RULE_ID, 'that is a rule id'],
  ['AppLogs_CL', 'Did you mean "Custom-AppLogs_CL"?'],
  ['custom-AppLogs_CL', 'prefix'],
  ['Custom-App Logs', 'only letters, digits, _ and -'],
  ['Custom-X/../../../dcr-b/streams/Y', 'only letters, digits, _ and -'],
  ['Custom-', 'only letters, digits, _ and -'],
  ['Syslog', 'it must begin with «Custom-» or «Microsoft-»'],
])('%j is no stream name, and the problem says why', (value, said) => {
  const problem = problemOf(checkStreamName(value, {}))
  expect(problem).toMatch(/^streamName /)
  expect(problem).toContain(said)
})

test.each(['Custom-AppLogs_CL', 'Custom-My-Logs_2', 'Microsoft-Syslog'])('%s is a stream name', (value) => {
  expect(checkStreamName(value, {})).toEqual({ ok: true, value })
})

test('all problems are told at once, each with the variable that may stand in', () => {
  const { destination, problems } = checkDestination({}, {})
  expect(destination).toBeUndefined()
  expect(problems).toEqual([
    expect.stringContaining('AZURE_DCE_ENDPOINT'),
    expect.stringContaining('AZURE_DCR_RULE_ID'),
    expect.stringContaining('AZURE_DCR_STREAM_NAME'),
  ])
})

test('the cloud follows from the endpoint’s suffix, with its dot', () => {
  const cloudOf = (endpoint: string): string | undefined =>
    checkDestination({ endpoint, ruleId: RULE_ID, streamName: 'Custom-A' }, {}).destination?.cloud.audience
  expect(cloudOf(ENDPOINT)).toBe('https://monitor.azure.com')
  expect(cloudOf('https://a.INGEST.monitor.azure.us')).toBe('https://monitor.azure.us')
  expect(cloudOf('https://a.ingest.monitor.azure.us.')).toBe('https://monitor.azure.us')
  expect(cloudOf('https://a.ingest.monitor.azure.cn')).toBe('https://monitor.azure.cn')
  expect(cloudOf('https://aingest.monitor.azure.us')).toBe('https://monitor.azure.com')
  expect(cloudOf('https://a.ingest.monitor.azure.us.example')).toBe('https://monitor.azure.com')
})

test('custom ids are percent-encoded in the address', () => {
  const rules: DestinationRules = { allowCustomIds: true }
  const { destination } = checkDestination(
    { endpoint: ENDPOINT, ruleId: 'my rule/x', streamName: 'a#b?c' },
    rules,
  )
  if (destination === undefined) throw new Error('The destination was refused.')
  expect(uploadUrl(destination)).toBe(
    `${ENDPOINT}/dataCollectionRules/my%20rule%2Fx/streams/a%23b%3Fc?api-version=2023-01-01`,
  )
})

test('a rule id or a stream name that is null is told as null', () => {
  expect(problemOf(checkRuleId(null, {}))).toContain('is null; it must be a string.')
  expect(problemOf(checkStreamName(null, {}))).toContain('is null; it must be a string.')
})
