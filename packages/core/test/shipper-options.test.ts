import { expect, test } from 'vitest'

import { AzlogsError } from '../src/index.ts'
import { resolveShipperOptions } from '../src/shipper-options.ts'
import type { ShipperOptions } from '../src/shipper-options.ts'

const GOOD = {
  endpoint: 'https://logs-a1b2.westeurope-1.ingest.monitor.azure.com',
  ruleId: `dcr-${'0'.repeat(32)}`,
  streamName: 'Custom-AppLogs_CL',
}

function problemsOf(options: object, env: NodeJS.ProcessEnv = {}): readonly string[] {
  try {
    resolveShipperOptions(options, env)
    return []
  } catch (error) {
    expect(error).toBeInstanceOf(AzlogsError)
    expect((error as AzlogsError).code).toBe('AZLOGS_CONFIG')
    for (const problem of (error as AzlogsError).problems ?? [])
      expect((error as AzlogsError).message).toContain(problem)
    return (error as AzlogsError).problems ?? []
  }
}

test('endpoint, rule and stream come from the environment when they are not given', () => {
  const env = {
    AZURE_DCE_ENDPOINT: GOOD.endpoint,
    AZURE_DCR_RULE_ID: GOOD.ruleId,
    AZURE_DCR_STREAM_NAME: GOOD.streamName,
  }
  const {
    destinations: [destination],
  } = resolveShipperOptions({ streamName: 'Custom-Other_CL' }, env)
  expect(destination).toMatchObject({ ruleId: GOOD.ruleId, streamName: 'Custom-Other_CL' })
  expect(destination.endpoint.origin).toBe(GOOD.endpoint)
})

test('one error tells everything that is wrong, and what was pasted where', () => {
  const problems = problemsOf({
    endpoint: GOOD.ruleId,
    ruleId: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/dataCollectionRules/x',
    streamName: 'AppLogs_CL',
    credential: { tenantId: 't' },
    maxConcurrency: 0,
    flushInterval: 1000,
    overflow: 'block',
  })
  expect(problems.join('\n')).toMatch(/endpoint .*rule id/)
  expect(problems.join('\n')).toMatch(/ruleId .*ARM resource id/)
  expect(problems.join('\n')).toMatch(/streamName .*table.*Custom-AppLogs_CL/)
  expect(problems.join('\n')).toMatch(/credential .*lost its methods/)
  expect(problems.join('\n')).toMatch(/maxConcurrency is 0/)
  expect(problems.join('\n')).toMatch(/"flushInterval" is no option; did you mean flushIntervalMs\?/)
  expect(problems.join('\n')).toMatch(/overflow is "block"/)
  expect(problems).toHaveLength(7)
})

test('nothing at all names the three variables to set', () => {
  const text = problemsOf({}).join('\n')
  for (const name of ['AZURE_DCE_ENDPOINT', 'AZURE_DCR_RULE_ID', 'AZURE_DCR_STREAM_NAME'])
    expect(text).toContain(name)
})

test.each<[string, Partial<ShipperOptions>, string[]]>([
  ['public', {}, ['https://monitor.azure.com/.default']],
  [
    'US government',
    { endpoint: 'https://x.usgovvirginia-1.ingest.monitor.azure.us' },
    ['https://monitor.azure.us/.default'],
  ],
  [
    'China',
    { endpoint: 'https://x.chinanorth3-1.ingest.monitor.azure.cn' },
    ['https://monitor.azure.cn/.default'],
  ],
  ['audience', { audience: 'https://monitor.azure.us' }, ['https://monitor.azure.us/.default']],
  [
    'scopes as given',
    { credentialScopes: 'https://monitor.azure.com//.default' },
    ['https://monitor.azure.com//.default'],
  ],
  ['several scopes', { credentialScopes: ['a/.default', 'b'] }, ['a/.default', 'b']],
])('scopes: %s', (_name, options, scopes) => {
  expect(resolveShipperOptions({ ...GOOD, ...options }, {}).scopes).toEqual(scopes)
})

test.each([
  ['http://127.0.0.1:4319', {}, true],
  ['http://localhost:4319', {}, true],
  ['http://[::1]:4319', {}, true],
  ['http://emulator:4319', {}, false],
  ['http://emulator:4319', { allowInsecureConnection: true }, true],
  ['http://127.0.0.1.evil.example', {}, false],
])('plain http to %s with %j: %s', (endpoint, rules, accepted) => {
  expect(problemsOf({ ...GOOD, endpoint, ...rules }).length === 0).toBe(accepted)
})

test.each<[object, RegExp]>([
  [{ onProblem: 'console' }, /^onProblem is a string; it must be a function\.$/],
  [{ destinations: [] }, /^destinations must be a list of one or more /],
  [{ destinations: GOOD }, /^destinations must be a list of one or more /],
  [
    { destinations: [{}, { endpoint: 'https://x.usgovvirginia-1.ingest.monitor.azure.us' }] },
    /^destinations are in different Azure clouds/,
  ],
  [{ spool: '/var/lib/app' }, /^spool is "\/var\/lib\/app"; it must be an object such as \{ directory: /],
  [{ spool: { directory: 7 } }, /^spool: directory is 7; it must be the path of a directory\.$/],
  [{ schema: { columns: [null] } }, /^schema\.columns\[0\] has no name\.$/],
])('%j is refused in one sentence', (option, sentence) => {
  expect(problemsOf({ ...GOOD, ...option })).toEqual([expect.stringMatching(sentence)])
})
