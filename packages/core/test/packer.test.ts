import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createPacker, halve, rowText } from '../src/packer.ts'
import type { PackedRows } from '../src/packer.ts'

const row = fc.oneof(
  fc
    .dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { maxKeys: 3 })
    .map((value) => JSON.stringify(value)),
  fc
    .string({ unit: fc.constantFrom('a', 'é', '€', '😀', '\uD800'), maxLength: 80 })
    .map((text) => JSON.stringify({ text })),
)

function pack(rows: readonly (string | Uint8Array)[], maxBytes: number): readonly PackedRows[] {
  const packer = createPacker(maxBytes)
  const packed = rows.flatMap((json) => packer.add(json))
  const last = packer.seal()
  return last === undefined ? packed : [...packed, last]
}

test('whatever the rows and the limit: nothing is lost, moved, changed or over the limit', () => {
  fc.assert(
    fc.property(fc.array(row), fc.integer({ min: 1, max: 400 }), (rows, maxBytes) => {
      const packets = pack(rows, maxBytes)
      expect(packets.flatMap((packed) => packed.offsets.map((_, index) => rowText(packed, index)))).toEqual(
        rows,
      )
      for (const packed of packets) {
        expect(JSON.parse(packed.bytes.toString())).toHaveLength(packed.offsets.length)
        if (packed.offsets.length > 1) expect(packed.bytes.length).toBeLessThanOrEqual(maxBytes)
      }
    }),
    { numRuns: 1000 },
  )
})

test('a packet is sealed only when the next row does not fit any more', () => {
  fc.assert(
    fc.property(fc.array(row), fc.integer({ min: 1, max: 400 }), (rows, maxBytes) => {
      const packets = pack(rows, maxBytes)
      for (const [index, packed] of packets.entries()) {
        const next = packets[index + 1]
        if (next === undefined) continue
        expect(packed.bytes.length + 1 + Buffer.byteLength(rowText(next, 0))).toBeGreaterThan(maxBytes)
      }
    }),
  )
})

test('rows as bytes are packed like rows as text', () => {
  fc.assert(
    fc.property(fc.array(row), fc.integer({ min: 1, max: 400 }), (rows, maxBytes) => {
      const fromText = pack(rows, maxBytes)
      const fromBytes = pack(
        rows.map((json) => Buffer.from(json)),
        maxBytes,
      )
      expect(fromBytes.map(({ bytes }) => bytes.toString())).toEqual(
        fromText.map(({ bytes }) => bytes.toString()),
      )
      expect(fromBytes.map(({ offsets }) => offsets)).toEqual(fromText.map(({ offsets }) => offsets))
    }),
  )
})

test.each([
  ['text', String],
  ['bytes', (json: string) => Buffer.from(json)],
] as [string, (json: string) => string | Buffer][])(
  'a row as %s that fills the limit to the byte goes in, one byte more goes alone',
  (_as, row) => {
    // [{"m":"…"}] is 10 bytes and the text.
    const exact = row(JSON.stringify({ m: 'x'.repeat(90) }))
    expect(pack([exact], 100).map(({ bytes }) => bytes.length)).toEqual([100])
    expect(createPacker(100).add(exact)).toEqual([])
    const over = row(JSON.stringify({ m: 'x'.repeat(91) }))
    expect(pack([row('{}'), over, row('{}')], 100).map(({ bytes }) => bytes.length)).toEqual([4, 101, 4])
  },
)

test('rows are sealed before the first that does not fit, also when that is known by its bytes alone', () => {
  // Two rows of 48 bytes, a comma and two brackets are 99 bytes: more than 100 by the longest that they could be.
  const rows = ['x'.repeat(46), 'y'.repeat(46), 'z'].map((text) => JSON.stringify(text))
  expect(pack(rows, 99).map(({ offsets }) => offsets.length)).toEqual([2, 1])
  expect(pack(rows, 98).map(({ offsets }) => offsets.length)).toEqual([1, 2])
})

test('openRows and openBytes describe what sealing would give', () => {
  fc.assert(
    fc.property(fc.array(row), fc.integer({ min: 1, max: 400 }), (rows, maxBytes) => {
      const packer = createPacker(maxBytes)
      for (const json of rows) packer.add(json)
      const { openRows, openBytes } = packer
      const sealed = packer.seal()
      expect([openRows, openBytes]).toEqual([sealed?.offsets.length ?? 0, sealed?.bytes.length ?? 0])
      expect([packer.openRows, packer.openBytes]).toEqual([0, 0])
      expect(packer.seal()).toBeUndefined()
    }),
  )
})

test('packets that are released in any order never share memory with one that is not', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 5 }), fc.array(fc.nat()), (rows, order) => {
      const packer = createPacker(120)
      const held: { readonly packed: PackedRows; readonly text: string }[] = []
      let step = 0
      for (const packed of rows.flatMap((json) => packer.add(json))) {
        held.push({ packed, text: packed.bytes.toString() })
        if (held.length > 2) held.splice((order[step++] ?? 0) % held.length, 1)[0]?.packed.release()
        for (const { packed: other, text } of held) expect(other.bytes.toString()).toBe(text)
      }
    }),
  )
})

test('a packet much smaller than its buffer does not keep the buffer', () => {
  const [packed] = pack(['{"a":1}'], 1_000_000)
  expect(packed?.bytes.buffer.byteLength).toBeLessThan(100_000)
})

test('the halves of a packet hold its rows, in order, in memory of their own', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 2 }), (rows) => {
      const [packed] = pack(rows, 1_000_000)
      if (packed === undefined) throw new Error('nothing was packed')
      const halves = halve(packed)
      packed.bytes.fill(0)
      expect(halves.flatMap((half) => half.offsets.map((_, index) => rowText(half, index)))).toEqual(rows)
      for (const half of halves) expect(JSON.parse(half.bytes.toString())).toHaveLength(half.offsets.length)
      expect(halves[0].offsets.length - halves[1].offsets.length).toBeOneOf([0, 1])
    }),
  )
})

test('the limit may change between rows, and is never more than a buffer holds', () => {
  const packer = createPacker(40)
  const row = JSON.stringify('x'.repeat(8))
  packer.add(row)
  packer.limit = 23
  expect(packer.add(row)).toEqual([])
  // Two rows of ten bytes, a comma and two brackets.
  expect(packer.openBytes).toBe(23)
  packer.limit = 22
  packer.add(row)
  expect(packer.openRows).toBe(1)
  expect(packer.add(row)).toHaveLength(1)
  packer.limit = 1000
  expect(packer.limit).toBe(40)
})

test('a packet’s buffer is free when the packet is released, and at once when the packet is small', () => {
  const given: Buffer[] = []
  const buffers = [Buffer.alloc(100), Buffer.alloc(100)]
  const packer = createPacker(100, {
    take: () => buffers.shift() ?? Buffer.alloc(100),
    give: (buffer) => given.push(buffer),
  })
  packer.add(JSON.stringify('x'.repeat(46)))
  const half = packer.seal()
  expect([half?.bytes.length, given.length]).toEqual([50, 0])
  half?.release()
  expect(given).toHaveLength(1)
  packer.add(JSON.stringify('x'.repeat(45)))
  const small = packer.seal()
  expect([small?.bytes.length, given.length]).toEqual([49, 2])
  small?.release()
  expect(given).toHaveLength(2)
})
