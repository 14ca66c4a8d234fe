import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { PipelinePolicy } from '@azure/core-rest-pipeline'
import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { expect, onTestFinished, test } from 'vitest'

import { LogsIngestionClient } from '../src/logs-ingestion-client.ts'
import { createShipper } from '../src/shipper.ts'
import { isAggregateLogsUploadError } from '../src/upload-error.ts'

/** One attempt: what is wrong here does not pass. */
const ONCE = { retryOptions: { maxRetries: 0 } } as const

async function causesOf(upload: Promise<unknown>): Promise<readonly unknown[]> {
  const error = await upload.then(
    () => expect.fail('the upload was accepted'),
    (reason: unknown) => reason,
  )
  if (!isAggregateLogsUploadError(error)) throw error
  return error.errors.map(({ cause }) => cause)
}

function uploadTo(emulator: Emulator, client: LogsIngestionClient): Promise<unknown> {
  return client.upload(emulator.ruleId, emulator.streamName, [{ Message: 'secret' }])
}

test.each(['app\r\nX-Injected: 1', 'app\nsecond', 'app\u0000', 'naïve☃'])(
  'the user agent prefix %j is refused at construction: it cannot be a header',
  async (userAgentPrefix) => {
    await using emulator = await startEmulator({ https: false })
    const { url: endpoint, ruleId, streamName, credential } = emulator
    const client = { userAgentOptions: { userAgentPrefix } }
    expect(() => new LogsIngestionClient(endpoint, credential, client)).toThrow(
      /- userAgentOptions\.userAgentPrefix is/,
    )
    expect(() => createShipper({ endpoint, ruleId, streamName, credential, client })).toThrow(
      /- client\.userAgentOptions\.userAgentPrefix is/,
    )
  },
)

test('a user agent prefix stands before ours, and a policy sees each request, wherever it is placed', async () => {
  await using emulator = await startEmulator({ https: false })
  const seen: string[] = []
  const policyOf = (name: string): PipelinePolicy => ({
    name,
    sendRequest(request, next) {
      seen.push(name)
      return next(request)
    },
  })
  await using client = new LogsIngestionClient(emulator.url, emulator.credential, {
    userAgentOptions: { userAgentPrefix: 'my-app/1' },
    additionalPolicies: [
      { policy: policyOf('call'), position: 'perCall' },
      { policy: policyOf('retry'), position: 'perRetry' },
    ],
  })
  emulator.answerNext({ status: 429, headers: { 'retry-after': '0' } })
  await uploadTo(emulator, client)
  expect(seen).toEqual(['call', 'retry', 'call', 'retry'])
  const [request] = emulator.requests()
  expect(request?.headers['user-agent']).toMatch(/^my-app\/1 azlogs\/\d/)
})

test('a certificate that nobody vouches for ends the attempt before anything is sent', async () => {
  await using emulator = await startEmulator()
  await using client = new LogsIngestionClient(emulator.httpsUrl, emulator.credential, ONCE)
  expect(await causesOf(uploadTo(emulator, client))).toMatchObject([{ code: 'AZLOGS_NETWORK' }])
  expect(emulator.requests()).toEqual([])
})

test('an authority of your own is given as tlsOptions.ca', async () => {
  await using emulator = await startEmulator()
  const tlsOptions = { ca: readFileSync(emulator.caFile) }
  await using client = new LogsIngestionClient(emulator.httpsUrl, emulator.credential, {
    ...ONCE,
    tlsOptions,
  })
  await uploadTo(emulator, client)
  expect(emulator.rows()).toHaveLength(1)
})

test('an answer without end is read no further than 64 KiB', async () => {
  let written = 0
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(400)
    const chunk = 'x'.repeat(16 * 1024)
    const write = (): void => {
      while (!response.destroyed && response.write(chunk)) written += chunk.length
    }
    response.on('drain', write)
    write()
  })
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  await using emulator = await startEmulator({ https: false })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await using client = new LogsIngestionClient(url, emulator.credential, ONCE)
  const [cause] = (await causesOf(uploadTo(emulator, client))) as readonly { responseBody: string }[]
  expect(cause?.responseBody.length).toBeLessThanOrEqual(64 * 1024)
  // What the sockets had taken in the meantime is some megabytes at most.
  expect(written).toBeLessThan(32 * 1024 * 1024)
})
