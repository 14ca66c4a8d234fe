import { stat } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'

import { expect, test } from 'vitest'

import { compress } from '../src/gzip.ts'

const BATCHES = 12
const row = (number: number): string => JSON.stringify({ Message: `order ${number} placed`, number })
const bytes = Buffer.from(`[${Array.from({ length: 20_000 }, (_value, number) => row(number)).join()}]`)

test('the application gets at its files while many batches are compressed', async () => {
  let compressed = 0
  const batches = Array.from({ length: BATCHES }, async () => {
    await compress(bytes, 9)
    compressed += 1
  })
  await setImmediate()
  await stat('.')
  // What the pool has done by now comes back in the next turns.
  await setImmediate()
  await setImmediate()
  expect(compressed).toBeLessThan(5)
  await Promise.all(batches)
})

test('each batch gets its own text, also when others failed', async () => {
  const texts = Array.from({ length: 10 }, (_value, index) => `[{"Message":"${index}"}]`)
  const bodies = await Promise.allSettled(
    texts.map((text, index) => compress(Buffer.from(text), index % 3 === 0 ? 99 : 1)),
  )
  expect(
    bodies.map((body) => (body.status === 'fulfilled' ? gunzipSync(body.value).toString() : 'refused')),
  ).toEqual(texts.map((text, index) => (index % 3 === 0 ? 'refused' : text)))
})
