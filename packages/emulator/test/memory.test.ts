import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { gzipSync } from 'node:zlib'

import { expect, onTestFinished, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import { finish, spawnNode } from './run-node.ts'

/** The command, in a process that ends when it holds more than this on its heap. */
async function startWithin(
  heapMegabytes: number,
): Promise<(body: Uint8Array<ArrayBuffer>) => Promise<number>> {
  const child = spawnNode(
    new URL('../src/bin.ts', import.meta.url),
    ['--port', '0', '--no-https', '--json', '--quiet'],
    { NODE_OPTIONS: `--max-old-space-size=${heapMegabytes}` },
  )
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const finished = finish(child)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await finished
  })
  const { url, ruleId, streamName } = JSON.parse(line) as { url: string; ruleId: string; streamName: string }
  await using other = await startEmulator({ https: false })
  const { token } = await other.credential.getToken('https://monitor.azure.com/.default')
  return async (body) => {
    const response = await fetch(
      `${url}/dataCollectionRules/${ruleId}/streams/${streamName}?api-version=2023-01-01`,
      {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'content-encoding': 'gzip',
        },
        body,
      },
    )
    await response.arrayBuffer()
    return response.status
  }
}

test('as many rows as one request may have fit into 600 MB', { timeout: 300_000 }, async () => {
  const upload = await startWithin(600)
  const rows = gzipSync(`[${'{},'.repeat(1_499_998)}{}]`)
  expect(await upload(rows)).toBe(204)
})

test('the names of members are forgotten, however long they were', { timeout: 300_000 }, async () => {
  const upload = await startWithin(300)
  for (let round = 0; round < 20; round += 1) {
    const name = `${round}`.padEnd(20_000_000, 'n')
    expect(await upload(gzipSync(`[{"${name}":1}]`))).toBe(204)
  }
})
