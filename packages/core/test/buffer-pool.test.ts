import { expect, test } from 'vitest'

import { packingBuffers } from '../src/buffer-pool.ts'
import { createPacker } from '../src/packer.ts'

test('a buffer that is handed back is used again by whoever needs one of its size', () => {
  const buffer = packingBuffers(100_001).take()
  expect(buffer).toHaveLength(100_001)
  packingBuffers(100_001).give(buffer)
  expect(packingBuffers(100_002).take()).toHaveLength(100_002)
  expect(packingBuffers(100_001).take()).toBe(buffer)
  expect(packingBuffers(100_001).take()).not.toBe(buffer)
})

test('no more than 4 MiB wait, and what has waited longest goes first', () => {
  const few = packingBuffers(1024)
  const many = packingBuffers(1_048_576)
  const first = few.take()
  const others = Array.from({ length: 4 }, () => many.take())
  few.give(first)
  for (const buffer of others) many.give(buffer)
  expect(few.take()).not.toBe(first)
  for (const _buffer of others) expect(others).toContain(many.take())
  expect(others).not.toContain(many.take())
})

test('a larger buffer waits alone', () => {
  const large = packingBuffers(8_388_608)
  const [first, second] = [large.take(), large.take()]
  large.give(first)
  large.give(second)
  expect(large.take()).toBe(second)
  expect(large.take()).not.toBe(first)
})

test('a packet that is released twice gives its buffer back once', () => {
  const packer = createPacker(200)
  packer.add(JSON.stringify('x'.repeat(150)))
  const packed = packer.seal()
  packed?.release()
  packed?.release()
  const buffers = packingBuffers(200)
  expect(buffers.take()).not.toBe(buffers.take())
})

test('a packet of some size moves to a buffer that fits, and that is used again too', () => {
  const packer = createPacker(1_000_000)
  const row = JSON.stringify('x'.repeat(100_000))
  const pack = () => {
    packer.add(row)
    const packed = packer.seal()
    if (packed === undefined) throw new Error('nothing was packed')
    return packed
  }
  const packed = pack()
  expect(packed.bytes.buffer.byteLength).toBe(131_072)
  expect(packed.bytes.toString()).toBe(`[${row}]`)
  packed.release()
  expect(pack().bytes.buffer).toBe(packed.bytes.buffer)
})
