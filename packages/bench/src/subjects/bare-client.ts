import { Agent, request } from 'node:https'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

import { RULE_ID, STREAM_NAME } from './destination.ts'

const compress = promisify(gzip)
const BATCH_BYTES = 1_000_000

/** What a batch becomes at most when it is gzipped: room enough to do it in one go. */
const GZIPPED_BYTES = BATCH_BYTES / 8

/**
 * The least that uploading can be: JSON once, into a buffer that is used again, gzip level 3, POST. No retries, no limits, nothing
 * accounted for.
 */
export function createBareClient(
  endpoint: string,
  concurrency: number,
): { upload(rows: readonly object[]): Promise<void> } {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const url = `${endpoint}/dataCollectionRules/${RULE_ID}/streams/${STREAM_NAME}?api-version=2023-01-01`
  const free: Buffer[] = []
  const take = (): Buffer => free.pop() ?? Buffer.allocUnsafeSlow(BATCH_BYTES)

  function post(body: Buffer): Promise<void> {
    const headers = {
      authorization: 'Bearer bench',
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'content-length': body.length,
    }
    return new Promise((resolve, reject) => {
      request(url, { agent, method: 'POST', headers }, (response) => {
        response.resume().on('end', resolve)
      })
        .on('error', reject)
        .end(body)
    })
  }

  async function send(full: Buffer, length: number): Promise<void> {
    const body = await compress(full.subarray(0, length), { level: 3, chunkSize: GZIPPED_BYTES })
    free.push(full)
    await post(body)
  }

  return {
    async upload(rows) {
      const sending = new Set<Promise<void>>()
      let buffer = take()
      let used = 0

      async function dispatch(): Promise<void> {
        buffer[used] = 0x5d
        const sent = send(buffer, used + 1).finally(() => sending.delete(sent))
        sending.add(sent)
        if (sending.size >= concurrency) await Promise.race(sending)
      }

      for (const row of rows) {
        const json = JSON.stringify(row)
        if (used + json.length * 3 + 2 > BATCH_BYTES) {
          await dispatch()
          buffer = take()
          used = 0
        }
        buffer[used] = used === 0 ? 0x5b : 0x2c
        used += 1
        used += buffer.write(json, used)
      }
      await dispatch()
      await Promise.all(sending)
    },
  }
}
