import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

/** Counters of the traffic so far. */
export interface TrafficCount {
  answered: number
  /** Answered with 500. */
  failed: number
}

export interface TrafficOptions {
  /** Where the applications listen; they take turns. */
  readonly urls: readonly string[]
  readonly requestsPerSecond: number
  readonly concurrency: number
  /** Asked before each request; `started` is how many there have been. */
  readonly wantsMore: (started: number) => boolean
  readonly count: TrafficCount
  readonly signal: AbortSignal
}

/** What people ask for, in turns: one request in twenty meets a bug, one in twenty a page that does not exist. */
const TARGETS: readonly { readonly path: string; readonly status: number }[] = [
  { path: '/stock/desk', status: 500 },
  { path: '/stock/rug', status: 404 },
  ...['lamp', 'lamp', 'lamp'].map((item) => ({ path: `/stock/${item}`, status: 200 })),
  ...[
    'Ada',
    'Zoë',
    'Łukasz',
    '李雷',
    'O’Neill',
    'Grace',
    'عمر',
    'Linus',
    'Nia',
    'Søren',
    'Ana',
    'Bo',
    'Eve',
    'Max',
    'Ida',
  ].map((name) => ({ path: `/greet/${encodeURIComponent(name)}`, status: 200 })),
]

/**
 * Sends requests over real connections at a steady rate, or as fast as they are answered where that is slower.
 *
 * @throws {Error} when there is no answer, or not the expected one.
 */
export async function drive(options: TrafficOptions): Promise<void> {
  const { urls, concurrency, signal } = options
  const startedAt = performance.now()
  let started = 0

  async function client(): Promise<void> {
    while (options.wantsMore(started)) {
      const turn = started
      started += 1
      const waitMs = startedAt + (turn * 1000) / options.requestsPerSecond - performance.now()
      if (waitMs > 1) await sleep(waitMs, undefined, { signal })
      const target = TARGETS[Math.floor(turn / urls.length) % TARGETS.length]
      const url = urls[turn % urls.length]
      if (target === undefined || url === undefined) throw new RangeError('no URL to send requests to')
      await request(url + target.path, target.status)
    }
  }

  async function request(url: string, expected: number): Promise<void> {
    const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`
    const response = await fetch(url, { headers: { traceparent }, signal }).catch((error: unknown) => {
      throw new Error(`${url} does not answer`, { cause: error })
    })
    await response.arrayBuffer()
    if (response.status !== expected)
      throw new Error(`${url} answered ${response.status} instead of ${expected}`)
    options.count.answered += 1
    if (response.status === 500) options.count.failed += 1
  }

  await Promise.all(Array.from({ length: concurrency }, client))
}
