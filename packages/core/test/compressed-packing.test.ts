import { gunzipSync } from 'node:zlib'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { systemClock } from '../src/clock.ts'
import { assembleShipper } from '../src/shipper.ts'
import { resolveShipperOptions } from '../src/shipper-options.ts'
import { logLine, noisyLine } from './log-lines.ts'

const CONFIG = resolveShipperOptions(
  {
    endpoint: 'https://example-a1b2.westeurope-1.ingest.monitor.azure.com',
    ruleId: 'dcr-0123456789abcdef0123456789abcdef',
    streamName: 'Custom-AppLogs_CL',
    packing: 'compressed',
    maxConcurrency: 2,
    maxBufferBytes: 64 * 1024 * 1024,
  },
  {},
)

test('whatever the text is, no body is over 1,048,576 bytes and every row arrives once', async () => {
  const stretch = fc.record({
    kind: fc.constantFrom('lines' as const, 'noise' as const, 'mixed' as const, 'large' as const),
    count: fc.integer({ min: 1, max: 3000 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(stretch, { minLength: 1, maxLength: 4 }), async (stretches) => {
      const sizes: number[] = []
      const arrived: string[] = []
      const tokens = { ageMs: 0, get: async () => ({ ok: true as const, token: 'token' }) }
      const shipper = assembleShipper(CONFIG, {
        clock: systemClock,
        tokens,
        connect: () => [
          async (body) => {
            sizes.push(body.length)
            const rows = JSON.parse(gunzipSync(body).toString()) as { readonly RecordId: string }[]
            arrived.push(...rows.map(({ RecordId }) => RecordId))
            return { kind: 'delivered' }
          },
        ],
      })
      let pushed = 0
      for (const { kind, count } of stretches) {
        const rows = kind === 'large' ? Math.ceil(count / 1000) : count
        for (let n = 0; n < rows; n += 1) {
          pushed += 1
          const calm = shipper.push(
            kind === 'lines' || (kind === 'mixed' && n % 2 === 0)
              ? logLine(pushed)
              : noisyLine(pushed, kind === 'large' ? 1_200_000 : 1500),
          )
          if (!calm) await shipper.flush()
        }
        // Sometimes what was compressed is known before the next stretch, sometimes not.
        if (count % 2 === 0) await shipper.flush()
      }
      await shipper.flush()
      await shipper.close()
      expect(Math.max(...sizes)).toBeLessThanOrEqual(1_048_576)
      expect(shipper.stats()).toMatchObject({ delivered: pushed, dropped: 0, quarantined: 0 })
      expect(arrived).toHaveLength(pushed)
      expect(new Set(arrived).size).toBe(pushed)
    }),
    { numRuns: 6 },
  )
}, 60_000)
