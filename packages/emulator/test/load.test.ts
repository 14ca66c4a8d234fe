import { createInterface } from 'node:readline'
import { gzipSync } from 'node:zlib'

import { expect, onTestFinished, test } from 'vitest'

import { DEFAULT_RULE_ID, startEmulator } from '../src/index.ts'
import { finish, spawnNode } from './run-node.ts'

// AZLOGS_LOAD=full sends two thousand requests, a megabyte a second if they come within a minute; AZLOGS_LOAD=heavy sends
// as many of a megabyte each; without it, it is a sample.
const LOADS = {
  sample: { requests: 200, rowsPerRequest: 100 },
  full: { requests: 2_000, rowsPerRequest: 100 },
  heavy: { requests: 2_000, rowsPerRequest: 3_000 },
} as const
const LOAD = process.env['AZLOGS_LOAD'] ?? 'sample'
const { requests: REQUESTS, rowsPerRequest: ROWS_PER_REQUEST } = LOADS[LOAD as keyof typeof LOADS]
const CLIENTS = 8
const MAX_RSS_BYTES = 1_500 * 1024 * 1024

function bodyOf(request: number): Buffer<ArrayBuffer> {
  const rows = Array.from({ length: ROWS_PER_REQUEST }, (_, index) => ({
    TimeGenerated: new Date().toISOString(),
    Level: 'info',
    SeverityNumber: 9,
    Message: `request ${request} row ${index} completed`,
    Logger: 'shop',
    HostName: 'web-1',
    ProcessId: 4711,
    Properties: { orderId: index, path: '/checkout/complete', tenant: 'contoso', durationMs: index % 997 },
    RecordId: `${request}-${index}`,
  }))
  return gzipSync(JSON.stringify(rows), { level: 1 })
}

test(
  'it takes heavy traffic without refusing any, in bounded memory',
  { timeout: LOAD === 'sample' ? 60_000 : 1_200_000 },
  async () => {
    const child = spawnNode(new URL('fixtures/load-target.ts', import.meta.url), [])
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const finished = finish(child)
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await finished
    })
    const next = async <T>(): Promise<T> => JSON.parse(String((await lines.next()).value)) as T
    const { url } = await next<{ url: string }>()
    await using other = await startEmulator({ https: false })
    const { token } = await other.credential.getToken('https://monitor.azure.com/.default')
    const target = `${url}/dataCollectionRules/${DEFAULT_RULE_ID}/streams/Custom-AppLogs_CL?api-version=2023-01-01`

    const startedMs = performance.now()
    const statuses = new Map<number, number>()
    let sent = 0
    let bytes = 0
    await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        while (sent < REQUESTS) {
          sent += 1
          const body = bodyOf(sent)
          bytes += body.length
          const response = await fetch(target, {
            method: 'POST',
            headers: {
              authorization: `Bearer ${token}`,
              'content-type': 'application/json',
              'content-encoding': 'gzip',
            },
            body,
          })
          await response.arrayBuffer()
          statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
        }
      }),
    )
    const seconds = (performance.now() - startedMs) / 1000
    child.stdin.write('\n')
    const { rowsStored, rss } = await next<{ rowsStored: number; rss: number }>()
    expect(Object.fromEntries(statuses)).toEqual({ 204: REQUESTS })
    expect(rowsStored).toBe(REQUESTS * ROWS_PER_REQUEST)
    expect(rss).toBeLessThan(MAX_RSS_BYTES)
    if (LOAD !== 'sample') {
      process.stdout.write(
        `${REQUESTS} requests, ${rowsStored} rows, ${bytes} bytes of gzip in ${seconds.toFixed(1)} s; ${rss} bytes resident\n`,
      )
    }
    child.stdin.end()
    expect(await finished).toMatchObject({ code: 0, stderr: '' })
  },
)
