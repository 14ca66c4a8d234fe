import { defaultSchema } from '@azlogs/emulator'
import { afterEach, expect, test, vi } from 'vitest'

import { fetchDeployed } from '../src/diff/live.ts'
import { createLock } from '../src/schema/lock.ts'
import type { LockColumn } from '../src/schema/lock.ts'
import { azEnv } from './surroundings.ts'

// Each test starts processes, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 })

afterEach(() => void vi.unstubAllEnvs())

const LOCK = createLock('AppLogs_CL', defaultSchema.columns as readonly LockColumn[])
const ruleId = `dcr-${'a'.repeat(32)}`
const GRAPH = 'Microsoft.ResourceGraph'
const RULE = { id: '/subscriptions/s/rules/logs', properties: {} }
const WORKSPACE = '/subscriptions/s/workspaces/w'
const WITH_WORKSPACE = {
  id: RULE.id,
  properties: {
    destinations: { logAnalytics: [{ name: 'w', workspaceResourceId: WORKSPACE }] },
    dataFlows: [{ streams: ['Custom-Other_CL'], destinations: ['w'] }],
  },
}

async function fetched(
  answers: Readonly<Record<string, unknown>>,
  endpoint?: string,
): Promise<Awaited<ReturnType<typeof fetchDeployed>>> {
  for (const [name, value] of Object.entries(await azEnv(answers))) vi.stubEnv(name, value)
  return fetchDeployed(LOCK, { ruleId, endpoint })
}

test('a rule without a workspace has no table to look at', async () => {
  expect(await fetched({ [GRAPH]: { data: [RULE] }, '/rules/logs': RULE }, 'no url')).toEqual({
    documents: [RULE],
    ruleId: RULE.id,
    tableId: '/tables/AppLogs_CL',
  })
})

test('a table that is not there yet is left out', async () => {
  const answers = { [GRAPH]: { data: [WITH_WORKSPACE] }, '/rules/logs': WITH_WORKSPACE }
  const sovereign = 'https://logs.usgovvirginia-1.ingest.monitor.azure.us'
  expect(await fetched(answers, sovereign)).toEqual({
    documents: [WITH_WORKSPACE],
    ruleId: RULE.id,
    tableId: `${WORKSPACE}/tables/AppLogs_CL`,
  })
})

test('a rule that Azure lists and does not show is told', async () => {
  await expect(fetched({ [GRAPH]: { data: [RULE] } })).rejects.toMatchObject({ code: 'AZL2004' })
  await expect(fetched({ [GRAPH]: { data: [] } })).rejects.toThrow('sees no rule with this id')
})

test('which rule it is has to be said', async () => {
  await expect(fetchDeployed(LOCK, { ruleId: undefined, endpoint: undefined })).rejects.toThrow(
    'needs to know the rule',
  )
  await expect(fetchDeployed(LOCK, { ruleId: 'my-rule', endpoint: undefined })).rejects.toThrow(
    'is no immutable id',
  )
})
