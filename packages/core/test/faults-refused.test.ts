import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { createHttpHeaders } from '@azure/core-rest-pipeline'
import type { PipelineRequest } from '@azure/core-rest-pipeline'
import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'

import type { Problem, Shipper } from '../src/index.ts'
import type { Outcome } from '../src/outcome.ts'
import { createPipeline } from '../src/pipeline.ts'
import { createSender } from '../src/sender.ts'
import type { Send } from '../src/sender.ts'
import { assembleShipper } from '../src/shipper.ts'
import { resolveShipperOptions } from '../src/shipper-options.ts'
import { createTokenSource } from '../src/token.ts'
import { answered } from './delivery-bench.ts'
import { startShipping } from './shipping.ts'
import { createVirtualClock, gzipAtOnce } from './virtual-clock.ts'
import type { VirtualClock } from './virtual-clock.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

interface Subject {
  readonly shipper: Shipper
  readonly clock: VirtualClock
  readonly problems: { readonly at: number; readonly problem: Problem }[]
  /** When each request left. */
  readonly sentAt: number[]
}

/** A whole shipper on a virtual clock. */
function start(answer: (at: number) => Outcome): Subject {
  const clock = createVirtualClock()
  const problems: Subject['problems'] = []
  const sentAt: number[] = []
  const config = resolveShipperOptions(
    {
      endpoint: emulator.url,
      ruleId: emulator.ruleId,
      streamName: emulator.streamName,
      onProblem: (problem) => problems.push({ at: clock.now(), problem }),
    },
    {},
  )
  const tokens = { ageMs: 0, get: async () => ({ ok: true as const, token: 'token' }) }
  const shipper = assembleShipper(config, {
    clock,
    tokens,
    gzip: gzipAtOnce,
    connect: () => [
      async () => {
        sentAt.push(clock.now())
        return answer(clock.now())
      },
    ],
  })
  onTestFinished(async () => {
    await shipper.close({ timeoutMs: 0 })
  })
  return { shipper, clock, problems, sentAt }
}

const MINUTE_MS = 60_000

const NO_ROLE =
  'The authentication token provided does not have access to ingest data for the data collection rule with immutable Id. PipelineAccessResult: AccessGranted: False, IsRbacPresent: False, IsDcrDceBindingValid: , DcrArmId: /subscriptions/0'
const WRONG_DCE = NO_ROLE.replace('IsDcrDceBindingValid: ', 'IsDcrDceBindingValid: False')

test.each([
  [403, 'OperationFailed', NO_ROLE, 'Monitoring Metrics Publisher'],
  [403, 'OperationFailed', WRONG_DCE, 'data collection endpoint'],
  [404, 'NotFound', 'Data collection rule not found.', 'immutableId'],
  [400, 'InvalidStream', 'no such stream', 'streamDeclarations'],
])(
  'F21 %i %s for 31 minutes drops nothing, asks seldom, reports once a minute with the remedy',
  async (status, code, message, remedy) => {
    const refusal = JSON.stringify({ error: { code, message } })
    const { shipper, clock, problems, sentAt } = start((at) =>
      at < 31 * MINUTE_MS ? answered(status, {}, refusal) : answered(204),
    )
    for (let minute = 0; minute < 31; minute += 1) {
      for (let n = 0; n < 10; n += 1) shipper.push({ Message: `${minute} ${n}` })
      await clock.advance(MINUTE_MS)
      expect(shipper.stats()).toMatchObject({ dropped: 0, quarantined: 0, delivered: 0 })
    }
    // Steps of 15–30 s, 30–60 s, 60–120 s, 120–240 s, and from then on 150–300 s: one request each.
    expect(sentAt.length).toBeLessThanOrEqual(4 + 12 + 1)
    for (const [index, at] of sentAt.entries()) {
      if (index > 0) expect(at - (sentAt[index - 1] ?? 0)).toBeGreaterThanOrEqual(15_000)
    }
    for (const [index, { at }] of problems.entries()) {
      if (index > 0) expect(at - (problems[index - 1]?.at ?? 0)).toBeGreaterThanOrEqual(MINUTE_MS)
    }
    expect(problems.length).toBeGreaterThan(0)
    for (const { problem } of problems) {
      expect(problem.kind).toBe('delayed')
      expect(problem.message).toContain(remedy)
    }
    while (shipper.stats().pending > 0) await clock.advance(1000)
    expect(shipper.stats()).toMatchObject({ delivered: 310, dropped: 0, pending: 0 })
  },
)

test('F21 what is refused for longer than an hour is dropped, counted and reported', async () => {
  const { shipper, clock, problems, sentAt } = start(() => answered(403))
  shipper.push({ Message: 'a', Level: 'warn' })
  while (sentAt.length === 0) await clock.advance(1000)
  await clock.advance(59 * MINUTE_MS)
  expect(shipper.stats()).toMatchObject({ pending: 1, dropped: 0 })
  await clock.advance(12 * MINUTE_MS)
  expect(shipper.stats().droppedLevels['retries-exhausted']).toEqual({ warn: 1 })
  expect(problems.map(({ problem }) => problem.kind)).toContain('lost')
})

test('F22 a token that expires under four requests costs one token, and each batch is sent again once', async () => {
  let asked = 0
  const { shipper, problems } = startShipping(emulator, {
    maxBatchBytes: 1000,
    credential: {
      getToken(scopes) {
        asked += 1
        return emulator.credential.getToken(scopes)
      },
    },
  })
  let pushed = 0
  const push = (count: number): void => {
    for (let n = 0; n < count; n += 1) shipper.push({ Message: `${pushed++} ${'x'.repeat(450)}` })
  }
  while ((shipper.stats().routes[0]?.limit ?? 0) < 5) {
    emulator.answerNext({ delayMs: 20, times: 20 })
    push(40)
    await shipper.flush()
    emulator.clear()
  }
  const before = pushed
  const requests = shipper.stats().requests
  emulator.answerNext({ status: 401, delayMs: 100, times: 4 })
  push(8)
  await shipper.flush()
  expect(asked).toBe(2)
  expect(shipper.stats()).toMatchObject({ delivered: pushed, dropped: 0, retries: 0 })
  expect(shipper.stats().requests - requests).toBe(4 + 4)
  expect(
    emulator
      .rows()
      .map(({ Message }) => Number.parseInt(String(Message), 10))
      .toSorted((a, b) => a - b),
  ).toEqual(Array.from({ length: 8 }, (_, n) => before + n))
  expect(problems).toEqual([])
})

interface Tokenless {
  readonly clock: VirtualClock
  readonly shipper: Shipper
  /** When the credential was asked. */
  readonly askedAt: number[]
  readonly sent: PipelineRequest[]
}

/** A whole shipper with the real sender and token source on a virtual clock; the service takes `accepted` only. */
function startTokenless(
  getToken: (at: number, clock: VirtualClock) => Promise<string>,
  accepted: string,
): Tokenless {
  const clock = createVirtualClock()
  const askedAt: number[] = []
  const sent: PipelineRequest[] = []
  const config = resolveShipperOptions(
    { endpoint: emulator.url, ruleId: emulator.ruleId, streamName: emulator.streamName, onProblem: () => {} },
    {},
  )
  const credential = {
    async getToken() {
      askedAt.push(clock.now())
      return { token: await getToken(clock.now(), clock), expiresOnTimestamp: Date.now() + 3_600_000 }
    },
  }
  const tokens = createTokenSource(credential, config.scopes, clock)
  const shipper = assembleShipper(config, {
    clock,
    tokens,
    gzip: gzipAtOnce,
    connect: (events) =>
      [
        createSender({
          ...createPipeline({}),
          httpClient: {
            async sendRequest(request) {
              sent.push(request)
              const status = request.headers.get('authorization') === `Bearer ${accepted}` ? 204 : 401
              return { request, status, headers: createHttpHeaders(), bodyAsText: '' }
            },
          },
          ...events,
          url: emulator.url,
          tokens,
          clock,
          requestTimeoutMs: 30_000,
        }),
      ] satisfies readonly Send[],
  })
  onTestFinished(async () => {
    await shipper.close({ timeoutMs: 0 })
  })
  return { clock, shipper, askedAt, sent }
}

async function logFor(minutes: number, { clock, shipper }: Tokenless): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    for (let n = 0; n < 10; n += 1) shipper.push({ Message: `${minute} ${n}` })
    await clock.advance(MINUTE_MS)
  }
}

test('F23 a token endpoint that is down for ten minutes is asked less and less often, and nothing is sent or lost', async () => {
  const subject = startTokenless(async (at) => {
    if (at < 10 * MINUTE_MS) throw new Error('no route to the identity endpoint')
    return 'good'
  }, 'good')
  const { clock, shipper, askedAt, sent } = subject
  await logFor(10, subject)
  expect(sent).toEqual([])
  expect(shipper.stats()).toMatchObject({ accepted: 100, pending: 100, tokenAgeMs: undefined })
  for (const [index, at] of askedAt.entries()) {
    if (index > 0) expect(at - (askedAt[index - 1] ?? 0)).toBeGreaterThanOrEqual(1000)
  }
  expect(askedAt.length).toBeLessThan(150)
  while (shipper.stats().pending > 0) await clock.advance(1000)
  expect(shipper.stats()).toMatchObject({ delivered: 100, dropped: 0 })
})

test('F23 a token endpoint that takes thirty seconds is asked once, and everything waits for it', async () => {
  const subject = startTokenless(
    (_at, clock) =>
      new Promise((resolve) => {
        clock.after(30_000, () => resolve('good'))
      }),
    'good',
  )
  const { clock, shipper, askedAt, sent } = subject
  shipper.push({ Message: 'a' })
  await clock.advance(29_000)
  expect(sent).toEqual([])
  while (shipper.stats().pending > 0) await clock.advance(1000)
  expect(askedAt).toHaveLength(1)
  expect(shipper.stats()).toMatchObject({ delivered: 1 })
})

test('F23 a credential that gives the same refused token again and again causes no hot loop', async () => {
  const subject = startTokenless(async () => 'stale', 'good')
  await logFor(10, subject)
  const { shipper, askedAt, sent } = subject
  // Ten minutes hold six steps of the circuit, from 15 s up.
  expect(sent.length).toBeLessThanOrEqual(8)
  expect(askedAt.length).toBeLessThanOrEqual(sent.length + 1)
  expect(shipper.stats()).toMatchObject({ pending: 100, dropped: 0 })
})

test.each([301, 302, 303, 307, 308])(
  'F27 %i is not followed, wherever it leads: nothing is sent there, the data is kept',
  async (status) => {
    let bytesSeen = 0
    let connections = 0
    const target = createServer((socket) => {
      connections += 1
      socket.on('data', (chunk) => (bytesSeen += chunk.length))
      socket.on('error', () => {})
    })
    await new Promise<void>((resolve) => {
      target.listen(0, '127.0.0.1', resolve)
    })
    onTestFinished(() => void target.close())
    const { port } = target.address() as AddressInfo
    for (const location of [
      `https://127.0.0.1:${port}/`,
      `http://127.0.0.1:${port}/x`,
      `${emulator.url}/elsewhere`,
      '/relative',
    ]) {
      emulator.clear()
      emulator.answerNext({ status, headers: { location }, times: 100 })
      const { shipper, problems } = startShipping(emulator)
      shipper.push({ Message: 'secret' })
      void shipper.flush()
      while (problems.length === 0) await sleep(5)
      expect(emulator.requests()).toHaveLength(1)
      expect(problems).toMatchObject([{ kind: 'delayed', code: 'AZLOGS_REDIRECTED' }])
      expect(shipper.stats()).toMatchObject({ pending: 1, dropped: 0, routes: [{ circuit: 'open' }] })
      await shipper.close({ timeoutMs: 0 })
    }
    expect([connections, bytesSeen]).toEqual([0, 0])
  },
)
