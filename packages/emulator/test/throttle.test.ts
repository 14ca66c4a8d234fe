import { gzipSync } from 'node:zlib'

import { expect, onTestFinished, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { Emulator, EmulatorOptions } from '../src/index.ts'
import { createThrottle } from '../src/throttle.ts'
import { upload, uploadPath } from './upload.ts'

async function start(options: EmulatorOptions): Promise<Emulator> {
  const emulator = await startEmulator({ https: false, ...options })
  onTestFinished(() => emulator.close())
  return emulator
}

test('a rule takes 12,000 requests a minute, and then says how long to wait', () => {
  let now = 0
  const throttle = createThrottle({}, () => now)
  for (let index = 0; index < 12_000; index += 1) expect(throttle.admit('a')).toBeUndefined()
  now = 20_500
  expect(throttle.admit('a')).toBe(40)
  expect(throttle.admit('b')).toBeUndefined()
  now = 60_000
  expect(throttle.admit('a')).toBeUndefined()
})

test('a rule takes 2 GiB a minute', () => {
  let now = 0
  const throttle = createThrottle({}, () => now)
  throttle.spend('a', 2 ** 31 - 1)
  expect(throttle.admit('a')).toBeUndefined()
  throttle.spend('a', 1)
  expect(throttle.admit('a')).toBe(60)
  now = 59_999
  expect(throttle.admit('a')).toBe(1)
})

test('what is refused does not count', () => {
  let now = 0
  const throttle = createThrottle({ requests: 1, windowSeconds: 1 }, () => now)
  for (; now < 3000; now += 500) throttle.admit('a')
  expect(throttle.admit('a')).toBeUndefined()
})

test('without limits any amount is taken', () => {
  const throttle = createThrottle(false)
  throttle.spend('a', Infinity)
  expect(throttle.admit('a')).toBeUndefined()
})

test.each([{ requests: 0 }, { bytes: -1 }, { windowSeconds: Number.NaN }])(
  '%j is no limit',
  async (throttle) => {
    await expect(startEmulator({ https: false, throttle })).rejects.toThrow(RangeError)
  },
)

test('the request over the limit gets a 429 with Retry-After, and nothing of it is stored', async () => {
  const emulator = await start({ throttle: { requests: 2 } })
  await upload(emulator, [{ Message: 'a' }])
  // A request that the rule never saw does not count, one that it refused does.
  await upload(emulator, [{}], { path: uploadPath(emulator, { ruleId: 'dcr-other' }) })
  expect(
    (await upload(emulator, [{}], { path: uploadPath(emulator, { streamName: 'Custom-No' }) })).status,
  ).toBe(400)
  const refused = await upload(emulator, [{ Message: 'b' }])
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60)
  expect(await refused.json()).toMatchObject({ error: { code: 'TooManyRequests' } })
  expect(emulator.rows()).toMatchObject([{ Message: 'a' }])
  expect(emulator.verdicts().at(-1)).toMatchObject({ status: 429, errorCode: 'TooManyRequests' })
  emulator.clear()
  expect((await upload(emulator, [{}])).status).toBe(204)
})

test('bytes are counted as they are after inflating', async () => {
  const emulator = await start({ throttle: { bytes: 1000 } })
  const body = gzipSync(JSON.stringify([{ Message: 'x'.repeat(1000) }]))
  expect(body.length).toBeLessThan(200)
  const headers = { 'content-encoding': 'gzip' }
  expect((await upload(emulator, body, { headers })).status).toBe(204)
  expect((await upload(emulator, body, { headers })).status).toBe(429)
})

test('the limit is lifted when its window is over', async () => {
  const emulator = await start({ throttle: { requests: 1, windowSeconds: 0.05 } })
  expect((await upload(emulator, [{}])).status).toBe(204)
  await expect
    .poll(async () => (await upload(emulator, [{}])).status, { timeout: 30_000, interval: 20 })
    .toBe(204)
})
