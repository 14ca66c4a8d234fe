import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import * as fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'

import type { Shipper } from '../src/index.ts'
import { assembleShipper } from '../src/shipper.ts'
import { resolveShipperOptions } from '../src/shipper-options.ts'
import { nodeFs } from '../src/spool-fs.ts'
import { collectRows, readSpoolFileNow } from '../src/spool-reader.ts'
import { answered } from './delivery-bench.ts'
import { createFastClock } from './fast-clock.ts'
import { createFaultyFs } from './faulty-fs.ts'
import type { FaultyFs } from './faulty-fs.ts'
import { spoolPath } from './spooling.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

type Step =
  | { readonly kind: 'push'; readonly count: number }
  | { readonly kind: 'durable' | 'flush' | 'down' | 'up' | 'restart' | 'crash' | 'full' | 'space' }
  | { readonly kind: 'corrupt'; readonly at: number }
  | { readonly kind: 'clock'; readonly ms: number }

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('push' as const), count: fc.integer({ min: 1, max: 40 }) }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('durable' as const, 'flush' as const) }) },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constantFrom('down', 'up', 'restart', 'crash', 'full', 'space'),
      }) as fc.Arbitrary<Step>,
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('corrupt' as const), at: fc.nat() }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('clock' as const),
        ms: fc.integer({ min: -90_000_000, max: 90_000_000 }),
      }),
    },
  ),
  { minLength: 5, maxLength: 40 },
)

/** A spool directory, the processes that use it one after the other, and a service that remembers. */
function createWorld(durability: 'wal' | 'spill') {
  const directory = spoolPath()
  const arrived = new Set<number>()
  /** Rows that were said to be durable, but for those that somebody damaged since. */
  const owed = new Set<number>()
  const pushed: number[] = []
  let next = 0
  let up = true
  let faulty: FaultyFs
  let shipper: Shipper

  function boot(): void {
    faulty = createFaultyFs()
    const mine = faulty
    const config = resolveShipperOptions(
      {
        endpoint: 'http://127.0.0.1:9',
        ruleId: `dcr-${'0'.repeat(32)}`,
        streamName: 'Custom-AppLogs_CL',
        onProblem: () => {},
        maxBatchBytes: 1000,
        maxBufferBytes: 20_000,
        flushIntervalMs: 100,
        spool: { directory, durability, minFreeBytes: 0 },
      },
      {},
    )
    shipper = assembleShipper(config, {
      clock: createFastClock(200),
      tokens: { ageMs: 0, get: async () => ({ ok: true as const, token: 'token' }) },
      fs: mine.fs,
      connect: () => [
        async (body) => {
          // A dead process's last request may still arrive: that is what makes duplicates.
          if (!up) return answered(503)
          const rows = JSON.parse(gunzipSync(body).toString()) as readonly { readonly n: number }[]
          for (const { n } of rows) arrived.add(n)
          return answered(204)
        },
      ],
    })
    pushed.length = 0
  }

  async function apply(step: Step): Promise<void> {
    switch (step.kind) {
      case 'push':
        for (let n = 0; n < step.count; n += 1) {
          pushed.push(next)
          shipper.push({ n: next, Level: 'info', Message: 'x'.repeat(next % 97) })
          next += 1
        }
        break
      case 'durable': {
        const rows = [...pushed]
        const { dropped } = shipper.stats()
        const durable = await shipper.durable().then(
          () => true,
          () => false,
        )
        // Which of them were dropped for want of memory only the counters know.
        if (durable && dropped === 0) for (const n of rows) owed.add(n)
        break
      }
      case 'flush':
        await shipper.flush({ timeoutMs: 20 })
        break
      case 'down':
        up = false
        break
      case 'up':
        up = true
        break
      case 'full':
        faulty.failWith('write', 'ENOSPC', { halfway: true })
        break
      case 'space':
        faulty.heal()
        break
      case 'clock': {
        const now = Date.now() + step.ms
        vi.spyOn(Date, 'now').mockImplementation(() => now)
        break
      }
      case 'restart':
        await shipper.close({ timeoutMs: 20 })
        boot()
        break
      case 'crash':
        crash()
        boot()
        break
      case 'corrupt':
        crash()
        corrupt(step.at)
        boot()
        break
      default:
        step satisfies never
    }
    const { accepted, delivered, quarantined, dropped, pending } = shipper.stats()
    expect(delivered + quarantined + dropped + pending).toBe(accepted)
  }

  /** From here on the process changes nothing, and everybody can see that it is dead. */
  function crash(): void {
    for (const call of ['write', 'open', 'mkdir', 'rename', 'unlink', 'fsync'] as const)
      faulty.failWith(call, 'EIO')
    for (const name of instances()) rmSync(join(directory, name, 'owner.json'), { force: true })
  }

  function instances(): readonly string[] {
    return readdirSync(directory).filter((name) => name !== 'dead-letter')
  }

  function files(): readonly string[] {
    return readdirSync(directory, { recursive: true })
      .map((name) => join(directory, String(name)))
      .filter((name) => name.endsWith('.spool'))
  }

  function rowsIn(path: string): readonly number[] {
    const rows = collectRows()
    readSpoolFileNow(nodeFs, path, rows)
    return rows.texts.map((row) => (JSON.parse(row) as { readonly n: number }).n)
  }

  /** Changes one byte behind the header of one file. What that costs is no longer owed. */
  function corrupt(at: number): void {
    const path = files()[at % Math.max(1, files().length)]
    if (path === undefined) return
    const before = rowsIn(path)
    const bytes = readFileSync(path)
    const body = bytes.indexOf(0x0a) + 1
    if (body >= bytes.length) return
    const target = body + (at % (bytes.length - body))
    bytes[target] = (bytes[target] ?? 0) ^ (1 + (at % 255))
    writeFileSync(path, bytes)
    const after = new Set(rowsIn(path))
    const lost = before.filter((n) => !after.has(n))
    expect(lost.length).toBeLessThanOrEqual(1)
    for (const n of lost) owed.delete(n)
  }

  async function settle(): Promise<void> {
    vi.restoreAllMocks()
    up = true
    faulty.heal()
    await shipper.close({ timeoutMs: 50 })
    boot()
    await vi.waitFor(
      () => {
        expect(files()).toEqual([])
        expect(shipper.stats().pending).toBe(0)
      },
      { timeout: 10_000 },
    )
    await shipper.close()
  }

  boot()
  return { apply, settle, missing: () => [...owed].filter((n) => !arrived.has(n)) }
}

test.each(['wal', 'spill'] as const)(
  '%s: whatever happens, the books balance, and what was durable arrives',
  async (durability) => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const world = createWorld(durability)
        for (const step of sequence) await world.apply(step)
        await world.settle()
        expect(world.missing()).toEqual([])
      }),
      { numRuns: Number(process.env['AZLOGS_MODEL_RUNS'] ?? 25) },
    )
  },
  120_000,
)
