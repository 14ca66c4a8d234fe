import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setTimeout as sleep } from 'node:timers/promises'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'

import { startReceiver } from './receiver.ts'
import { startShipping } from './shipping.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

function listen(name: string): readonly unknown[] {
  const events: unknown[] = []
  const listener = (event: unknown): void => {
    events.push(event)
  }
  subscribe(name, listener)
  onTestFinished(() => void unsubscribe(name, listener))
  return events
}

test('each batch that is sent, retried and settled, and each drop, is an event on its channel', async () => {
  const sent = listen('azlogs:batch:sent')
  const retried = listen('azlogs:batch:retried')
  const settled = listen('azlogs:batch:settled')
  const dropped = listen('azlogs:records:dropped')
  const { shipper } = startShipping(emulator)
  emulator.answerNext({ status: 503, headers: { 'retry-after-ms': '1' } })
  for (let n = 0; n < 10; n += 1) shipper.push({ Message: `line ${n}`, Level: 'info' })
  await shipper.flush()
  const { deliveredBytes: rawBytes, deliveredWireBytes: wireBytes } = shipper.stats()
  expect(sent).toEqual([
    { records: 10, rawBytes, wireBytes, attempt: 1 },
    { records: 10, rawBytes, wireBytes, attempt: 2 },
  ])
  expect(retried).toEqual([{ records: 10, failures: 1, code: 'AZLOGS_UNAVAILABLE' }])
  expect(settled).toEqual([{ records: 10, outcome: 'delivered' }])
  await shipper.close()
  shipper.push({ Message: 'late', Level: 'warn' })
  expect(dropped).toEqual([{ reason: 'closed', levels: { warn: 1 } }])
})

test('without a token no batch counts as sent', async () => {
  const sent = listen('azlogs:batch:sent')
  const retried = listen('azlogs:batch:retried')
  const { shipper } = startShipping(emulator, {
    credential: { getToken: () => Promise.reject(new Error('no identity')) },
  })
  shipper.push({ Message: 'a' })
  void shipper.flush()
  while (retried.length === 0) await sleep(5)
  expect(retried).toEqual([{ records: 1, failures: 1, code: 'AZLOGS_TOKEN' }])
  expect(sent).toEqual([])
})

test('stats() tells ages, bytes, the limit, the circuit, the token and the clock', async () => {
  const { shipper } = startShipping(emulator, { flushIntervalMs: 60_000 })
  expect(shipper.stats()).toMatchObject({
    oldestPendingMs: 0,
    tokenAgeMs: undefined,
    clockDifferenceMs: undefined,
  })
  shipper.push({ Message: 'a' })
  await sleep(30)
  expect(shipper.stats()).toMatchObject({ pending: 1, pendingBytes: '[{"Message":"a"}]'.length })
  expect(shipper.stats().oldestPendingMs).toBeGreaterThanOrEqual(25)
  await shipper.flush()
  const stats = shipper.stats()
  expect(stats).toMatchObject({
    oldestPendingMs: 0,
    pendingBytes: 0,
    inFlight: 0,
    routes: [{ circuit: 'closed', inFlight: 0, wireBytes: stats.deliveredWireBytes }],
  })
  expect(stats.routes[0]?.limit).toBeGreaterThanOrEqual(1)
  expect(stats.tokenAgeMs).toBeGreaterThan(0)
  expect(Math.abs(stats.clockDifferenceMs ?? Number.NaN)).toBeLessThan(5000)
})

test('a clock that is more than five minutes off is reported once, with the direction', async () => {
  const receiver = await startReceiver((response) => {
    response.writeHead(204, { date: new Date(Date.now() - 600_000).toUTCString() }).end()
  })
  const { shipper, problems } = startShipping(emulator, { endpoint: receiver.url })
  for (let n = 0; n < 3; n += 1) {
    shipper.push({ Message: 'a' })
    await shipper.flush()
  }
  expect(problems).toMatchObject([{ kind: 'delayed', code: 'AZLOGS_CLOCK' }])
  expect(problems[0]?.message).toContain('10 minutes ahead of the service')
  expect(Math.round((shipper.stats().clockDifferenceMs ?? 0) / 60_000)).toBe(10)
})

test('the token is asked for with the first row, not with the first batch', async () => {
  let asked = 0
  const { shipper } = startShipping(emulator, {
    flushIntervalMs: 60_000,
    credential: {
      getToken(scopes) {
        asked += 1
        return emulator.credential.getToken(scopes)
      },
    },
  })
  expect(asked).toBe(0)
  shipper.push({ Message: 'a' })
  expect(asked).toBe(1)
  await shipper.flush()
  expect(asked).toBe(1)
})
