import { expect, test } from 'vitest'

import { createBatch } from '../src/batch.ts'
import type { Batch } from '../src/batch.ts'
import { packAlone } from '../src/packer.ts'
import { createSendQueue } from '../src/send-queue.ts'

function batch(replayed: boolean): Batch {
  return createBatch(packAlone('{}'), {}, 0, { replayed })
}

test('while both wait, one replayed batch leaves for every three live ones', () => {
  const queue = createSendQueue()
  for (let n = 0; n < 12; n += 1) queue.add(batch(false))
  for (let n = 0; n < 12; n += 1) queue.add(batch(true))
  const order = Array.from({ length: 16 }, () => (queue.next()?.replayed === true ? 'r' : 'l')).join('')
  expect(order).toBe('lllrlllrlllrlllr')
  expect(queue).toMatchObject({ size: 8, replays: 8 })
})

test('whoever is alone has every turn', () => {
  const queue = createSendQueue()
  for (let n = 0; n < 5; n += 1) queue.add(batch(true))
  expect(Array.from({ length: 5 }, () => queue.next()?.replayed)).toEqual([true, true, true, true, true])
  expect(queue.next()).toBeUndefined()
  for (let n = 0; n < 5; n += 1) queue.add(batch(false))
  expect(Array.from({ length: 5 }, () => queue.next()?.replayed)).toEqual([false, false, false, false, false])
})

test('what comes back is at the head again, in its order', () => {
  const queue = createSendQueue()
  const [a, b, c] = [batch(false), batch(false), batch(false)]
  queue.add(c)
  queue.back(a, b)
  expect([queue.next(), queue.next(), queue.next()]).toEqual([a, b, c])
})

test('oldest() takes replayed batches first, and none that does not suit', () => {
  const queue = createSendQueue()
  const [live, replayed] = [batch(false), batch(true)]
  queue.add(live)
  queue.add(replayed)
  expect(queue.oldest((one) => !one.replayed)).toBe(live)
  expect(queue.oldest(() => true)).toBe(replayed)
  expect(queue.oldest(() => true)).toBeUndefined()
})
