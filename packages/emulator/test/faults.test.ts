import { expect, onTestFinished, test } from 'vitest'

import { createFaults } from '../src/faults.ts'
import type { FaultEngine } from '../src/faults.ts'
import { startEmulator } from '../src/index.ts'
import type { Emulator, EmulatorOptions } from '../src/index.ts'
import { upload } from './upload.ts'

function draw(faults: FaultEngine, count: number): readonly string[] {
  return Array.from({ length: count }, () => faults.next()?.text ?? '-')
}

/** Something that happens once. */
function signal(): { readonly seen: Promise<void>; readonly notify: () => void } {
  let notify = (): void => {}
  const seen = new Promise<void>((resolve) => (notify = resolve))
  return { seen, notify: () => notify() }
}

async function start(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({ https: false, ...options })
  onTestFinished(() => emulator.close())
  return emulator
}

test('the same seed draws the same faults again, another seed others', () => {
  const drawWith = (seed: number): readonly string[] => {
    const faults = createFaults({ seed })
    faults.set('429:20%, latency:10±5ms:50%')
    return draw(faults, 200)
  }
  expect(drawWith(7)).toEqual(drawWith(7))
  expect(drawWith(7)).not.toEqual(drawWith(8))
})

test('set starts the sequences anew', () => {
  const faults = createFaults()
  faults.set('503:30%')
  const first = draw(faults, 50)
  faults.set('503:30%')
  expect(draw(faults, 50)).toEqual(first)
})

test('change lets go on what is active, and starts anew what is new or over', () => {
  let now = 0
  const faults = createFaults({ now: () => now })
  const whole = createFaults()
  for (const each of [faults, whole]) each.set('503:30%')
  const expected = draw(whole, 100)
  const drawn = draw(faults, 50)
  faults.change('503:30%, 403:for=1m, 429:times=1')
  now = 40_000
  expect(faults.next()?.effect).toMatchObject({ kind: 'status' })
  faults.change(['429:times=1', '503:30%'])
  faults.change(['503:30%', '403:for=1m'])
  expect(faults.active.find(({ text }) => text === '403:for=1m')).toMatchObject({
    hits: 0,
    endsAt: new Date(100_000).toISOString(),
  })
  faults.change('503:30%')
  expect([...drawn, expected[50], ...draw(faults, 49)]).toEqual(expected)
  expect(faults.active).toMatchObject([{ hits: expected.filter((text) => text === '503:30%').length }])
})

test('change leaves all as it was when one cannot be understood', () => {
  const faults = createFaults()
  faults.set('503')
  faults.next()
  expect(() => faults.change('503, rain')).toThrow('rain')
  expect(faults.active).toMatchObject([{ text: '503', hits: 1 }])
})

test('a rule hits the same requests whatever other rules there are', () => {
  const hitsOf = (text: string): readonly number[] => {
    const faults = createFaults()
    faults.set(text)
    return Array.from({ length: 300 }, (_, index) =>
      faults.next()?.text.includes('latency:1ms') ? index : -1,
    )
  }
  expect(hitsOf('latency:1ms:10%')).toEqual(hitsOf('429:50%, latency:1ms:10%'))
})

test('a share of 10 % hits about a tenth', () => {
  const faults = createFaults()
  faults.set('429:10%')
  const hits = draw(faults, 10_000).filter((text) => text === '429:10%').length
  expect(hits).toBeGreaterThan(900)
  expect(hits).toBeLessThan(1100)
  expect(faults.active).toMatchObject([{ text: '429:10%', hits }])
})

test('the first rule that hits decides, and only it counts the hit', () => {
  const faults = createFaults()
  faults.set(['429', '503', 'latency:5ms'])
  expect(faults.next()).toMatchObject({ effect: { status: 429 }, delayMs: 5, text: '429, latency:5ms' })
  expect(faults.active.map(({ hits }) => hits)).toEqual([1, 0, 1])
})

test('latencies add up, each within its jitter', () => {
  const faults = createFaults()
  faults.set('latency:100±50ms, latency:10ms')
  const delays = Array.from({ length: 200 }, () => faults.next()?.delayMs ?? 0)
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(60)
  expect(Math.max(...delays)).toBeLessThanOrEqual(160)
  expect(new Set(delays).size).toBeGreaterThan(100)
})

test('a rule ends after its times, and after its time', () => {
  let now = 1_000_000
  const faults = createFaults({ now: () => now })
  faults.set('hang:times=2, 403:for=30s')
  expect(faults.active[1]?.endsAt).toBe(new Date(now + 30_000).toISOString())
  expect(draw(faults, 3)).toEqual(['hang:times=2', 'hang:times=2', '403:for=30s'])
  expect(faults.active.map(({ text }) => text)).toEqual(['403:for=30s'])
  now += 30_000
  expect(faults.next()).toBeUndefined()
  expect(faults.active).toEqual([])
})

test('every rule that cannot be understood is named, and the faults stay as they were', () => {
  const faults = createFaults()
  faults.set('429')
  expect(() => faults.set(['teapot, 200', { kind: 'hang', rate: 3 }])).toThrow(
    /"teapot"[^]*"200": the status must be from 400 to 599[^]*300 %/,
  )
  expect(faults.active).toHaveLength(1)
})

test('an upload meets the fault as the client sees it, and the verdict names the rule', async () => {
  const emulator = await start({ faults: '429:times=1:retry-after=7s, 503:times=1, 500:times=1' })
  const throttled = await upload(emulator, [{}])
  expect(throttled.status).toBe(429)
  expect(throttled.headers.get('retry-after')).toBe('7')
  expect(await throttled.json()).toMatchObject({ error: { code: 'TooManyRequests' } })
  const unavailable = await upload(emulator, [{}])
  expect(unavailable.headers.has('retry-after')).toBe(false)
  expect(await unavailable.json()).toMatchObject({ error: { code: 'ServiceUnavailable' } })
  expect(await (await upload(emulator, [{}])).text()).toBe('')
  expect((await upload(emulator, [{ Message: 'through' }])).status).toBe(204)
  expect(emulator.rows()).toMatchObject([{ Message: 'through' }])
  expect(emulator.verdicts().map(({ status, errorCode, fault }) => [status, errorCode, fault])).toEqual([
    [429, 'TooManyRequests', '429:times=1:retry-after=7s'],
    [503, 'ServiceUnavailable', '503:times=1'],
    [500, undefined, '500:times=1'],
    [204, undefined, undefined],
  ])
  emulator.assertNothingDropped()
})

test('an upload that is only late is stored, and its verdict names the rule', async () => {
  const emulator = await start({ faults: 'latency:1ms' })
  expect((await upload(emulator, [{ Message: 'late' }])).status).toBe(204)
  expect(emulator.rows()).toMatchObject([{ Message: 'late' }])
  expect(emulator.verdicts()).toMatchObject([{ status: 204, fault: 'latency:1ms' }])
})

test('a 429 without a word about it says when to come back', async () => {
  const emulator = await start({ faults: '429' })
  expect((await upload(emulator, [{}])).headers.get('retry-after')).toBe('1')
})

test('a 403 is the one of a role that is missing', async () => {
  const emulator = await start({ faults: '403:times=1' })
  const refused = await upload(emulator, [{}])
  expect(await refused.json()).toMatchObject({
    error: {
      code: 'OperationFailed',
      message: expect.stringMatching(
        new RegExp(`immutable Id '${emulator.ruleId}' PipelineAccessResult: .*IsRbacPresent: False`),
      ),
    },
  })
})

test('resets, half an answer and no answer leave the rows that they should', async () => {
  const hung = signal()
  const emulator = await start({ onVerdict: ({ fault }) => fault?.startsWith('hang') && hung.notify() })
  emulator.faults.set('reset-before:times=1, reset-after:times=1, half:times=1, hang:times=1')
  for (const message of ['before', 'after', 'half']) {
    await expect(upload(emulator, [{ Message: message }])).rejects.toThrow()
  }
  const hanging = new AbortController()
  const unanswered = upload(emulator, [{ Message: 'hang' }], { signal: hanging.signal })
  await hung.seen
  hanging.abort()
  await expect(unanswered).rejects.toThrow()
  expect(emulator.rows()).toMatchObject([{ Message: 'after' }, { Message: 'half' }])
  expect(emulator.requests().map(({ outcome }) => outcome)).toEqual(['reset', 'reset', 'half', 'hung'])
  expect(emulator.verdicts().map(({ status, outcome, rowsStored }) => [status, outcome, rowsStored])).toEqual(
    [
      [0, 'reset', 0],
      [0, 'reset', 1],
      [0, 'half', 1],
      [0, 'hung', 0],
    ],
  )
})

test('a client that waits for an answer that never comes is let go by close', async () => {
  const hung = signal()
  const emulator = await start({ faults: 'hang', onVerdict: () => hung.notify() })
  const unanswered = expect(upload(emulator, [{}])).rejects.toThrow()
  await hung.seen
  await emulator.close()
  await unanswered
})

test('a token that expires is refused from then on, a new one is not', async () => {
  const emulator = await start({ faults: 'token-expired:times=1' })
  const { token } = await emulator.credential.getToken('https://monitor.azure.com/.default')
  const headers = { authorization: `Bearer ${token}` }
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const refused = await upload(emulator, [{}], { headers })
    expect(refused.status).toBe(401)
    expect(await refused.json()).toMatchObject({ error: { code: 'ExpiredAuthenticationToken' } })
  }
  expect((await upload(emulator, [{}])).status).toBe(204)
  emulator.clear()
  emulator.faults.clear()
  expect((await upload(emulator, [{}], { headers })).status).toBe(204)
})

test('a token that is rejected is refused this once', async () => {
  const emulator = await start({ faults: 'token-rejected:times=1' })
  const refused = await upload(emulator, [{}])
  expect(await refused.json()).toMatchObject({ error: { code: 'InvalidAuthenticationToken' } })
  expect((await upload(emulator, [{}])).status).toBe(204)
})

test('a scripted answer goes before the faults, and takes no draw of theirs', async () => {
  const emulator = await start({ faults: '503:times=1' })
  emulator.answerNext({ status: 202 })
  expect((await upload(emulator, [{}])).status).toBe(202)
  expect(emulator.faults.active).toMatchObject([{ hits: 0 }])
  expect((await upload(emulator, [{}])).status).toBe(503)
})

test('clear sets the faults of the start again, from the beginning', async () => {
  const emulator = await start({ faults: '503:times=1' })
  await upload(emulator, [{}])
  emulator.faults.set('hang')
  emulator.clear()
  expect(emulator.faults.active).toMatchObject([{ text: '503:times=1', hits: 0 }])
})

test('faults that make no sense keep the emulator from starting', async () => {
  await expect(startEmulator({ https: false, faults: '42' })).rejects.toThrow(TypeError)
})
