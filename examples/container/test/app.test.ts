import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator, Row } from '@azlogs/emulator'
import { expect, onTestFinished, test } from 'vitest'

import { startApplication } from '../../application.ts'

const script = fileURLToPath(new URL('../app.ts', import.meta.url))
const CLIENT_ID = '66666666-7777-8888-9999-aaaaaaaaaaaa'

/** A container's volumes. */
async function volumes(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'azlogs-container-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  await writeFile(join(directory, 'azure-identity-token'), 'header.payload.signature')
  return directory
}

/** What the AKS webhook sets, with the emulator for Microsoft Entra; no managed identity of the host. */
function environment(emulator: Emulator, directory: string): Record<string, string> {
  const { AZURE_DCE_ENDPOINT = '', AZURE_DCR_RULE_ID = '', AZURE_DCR_STREAM_NAME = '' } = emulator.env
  return {
    AZURE_DCE_ENDPOINT,
    AZURE_DCR_RULE_ID,
    AZURE_DCR_STREAM_NAME,
    AZURE_AUTHORITY_HOST: `${emulator.httpsUrl}/`,
    AZURE_CLIENT_ID: CLIENT_ID,
    AZURE_TENANT_ID: '11111111-2222-3333-4444-555555555555',
    AZURE_FEDERATED_TOKEN_FILE: join(directory, 'azure-identity-token'),
    NODE_EXTRA_CA_CERTS: emulator.caFile,
    PORT: '0',
    SPOOL_DIRECTORY: join(directory, 'spool'),
  }
}

/** A customer who is slow: the order's end comes when it is told to. */
function beginOrder(url: string): { finish(): Promise<number> } {
  const sending = request(`${url}/orders`, { method: 'POST' })
  const status = new Promise<number>((resolve, reject) => {
    sending.on('error', reject).on('response', (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
  })
  // A test that has failed does not ask for it.
  status.catch(() => {})
  sending.write('{ "item": ')
  return {
    finish() {
      sending.end('"lamp" }')
      return status
    },
  }
}

function inOrder(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((a, b) => (String(a['TimeGenerated']) < String(b['TimeGenerated']) ? -1 : 1))
}

test('with workload identity, SIGTERM lets the open request end, and then every record is delivered', async ({
  signal,
}) => {
  await using emulator = await startEmulator()
  const env = environment(emulator, await volumes())
  await using application = startApplication(script, { env, signal })
  const [, url = ''] = await application.line(/^listening on (\S+)$/)
  expect((await fetch(`${url}/ready`)).status).toBe(200)
  expect((await fetch(`${url}/nowhere`)).status).toBe(404)
  const order = beginOrder(url)
  await emulator.waitForRows(2, { timeoutMs: 50_000 })
  const stopped = application.stop()
  await application.line(/^stopping$/)
  expect(await order.finish()).toBe(201)
  await stopped

  await application.line(/^logged 4$/)
  expect(inOrder(emulator.rows())).toEqual(
    ['no such page', 'order arriving', 'stopping', 'order placed'].map((Message, index) =>
      expect.objectContaining({ Message, Properties: expect.objectContaining({ sequence: index + 1 }) }),
    ),
  )
  expect(emulator.tokenRequests()).toEqual([
    expect.objectContaining({ kind: 'client-credentials', clientId: CLIENT_ID, status: 200 }),
  ])
  emulator.assertNothingDropped()
})

test('what a killed container had not delivered, the next one on the volume delivers', async ({ signal }) => {
  await using emulator = await startEmulator({ faults: '503' })
  const env = environment(emulator, await volumes())
  await using killed = startApplication(script, { env, signal })
  const [, url = ''] = await killed.line(/^listening on (\S+)$/)
  expect(await beginOrder(url).finish()).toBe(201)
  await killed[Symbol.asyncDispose]()
  expect(emulator.rows()).toEqual([])

  emulator.faults.clear()
  await using next = startApplication(script, { env, signal })
  await next.line(/^listening on /)
  await emulator.waitForRows(2, { timeoutMs: 50_000 })
  await next.stop()

  const rows = inOrder(emulator.rows())
  expect(rows.map((row) => row['Message'])).toEqual(['order arriving', 'order placed', 'stopping'])
  expect(new Set(rows.map((row) => row['RecordId'])).size).toBe(3)
  emulator.assertNothingDropped()
})
