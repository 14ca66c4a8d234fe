import { randomBytes } from 'node:crypto'

import { expect, test } from 'vitest'

import { createCompressionRatio, MAX_COMPRESSED_PACKING_BYTES } from '../src/compression-ratio.ts'
import { logLine } from './log-lines.ts'

test('before anything is known it is safe for text that does not compress', () => {
  expect(createCompressionRatio(3).rawLimit).toBeLessThanOrEqual(1_048_576)
})

test('a piece of the first batch tells how much the next may hold', () => {
  const ratio = createCompressionRatio(3)
  ratio.sample(Buffer.from(JSON.stringify(Array.from({ length: 3000 }, (_, n) => logLine(n)))))
  expect(ratio.rawLimit).toBeGreaterThan(6_000_000)
  const noise = createCompressionRatio(3)
  noise.sample(Buffer.from(JSON.stringify([randomBytes(500_000).toString('hex')])))
  expect(noise.rawLimit).toBeLessThan(2_200_000)
})

test('the worst of the last eight batches counts', () => {
  const ratio = createCompressionRatio(3)
  ratio.observe(1_000_000, 100_000)
  const good = ratio.rawLimit
  expect(good).toBe(MAX_COMPRESSED_PACKING_BYTES)
  ratio.observe(1_000_000, 500_000)
  expect(ratio.rawLimit).toBeLessThan(2_100_000)
  for (let batch = 0; batch < 8; batch += 1) ratio.observe(1_000_000, 100_000)
  expect(ratio.rawLimit).toBe(good)
})

test('small batches, which compress worse, tell nothing', () => {
  const ratio = createCompressionRatio(3)
  const { rawLimit } = ratio
  ratio.observe(1000, 900)
  ratio.sample(Buffer.alloc(1000))
  expect(ratio.rawLimit).toBe(rawLimit)
})
