import { crc32 } from 'node:zlib'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createFrameParser, FRAME_OVERHEAD, writeFrame } from '../src/spool-frame.ts'
import { frame, someRows } from './spool-bytes.ts'

interface Parsed {
  readonly frames: readonly string[]
  readonly damaged: readonly string[]
  readonly tornBytes: number
}

function parse(chunks: readonly Buffer[], maxBytes?: number): Parsed {
  const frames: string[] = []
  const damaged: string[] = []
  const parser = createFrameParser(
    {
      frame: (json) => frames.push(json.toString()),
      damaged: (bytes) => damaged.push(bytes.toString('latin1')),
    },
    maxBytes,
  )
  for (const chunk of chunks) parser.push(chunk)
  return { frames, damaged, ...parser.end() }
}

function cut(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const ends = [...new Set(cuts.map((at) => at % (bytes.length + 1)))].sort((a, b) => a - b)
  return [...ends, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end))
}

/** Bytes that have gone, and others that have come in their place. */
interface Damage {
  readonly at: number
  /** Counted among the ends of the frames, and not among all bytes. */
  readonly atEnd: boolean
  readonly gone: number
  readonly come: Uint8Array
}

/** Applies damage that does not overlap; tells which stretches of the text are as they were. */
function damageText(
  frames: readonly Buffer[],
  damages: readonly Damage[],
): { readonly damaged: Buffer; readonly touched: (from: number, to: number) => boolean } {
  const text = Buffer.concat(frames)
  const newlines = frames.map((_, index) => Buffer.concat(frames.slice(0, index + 1)).length - 1)
  const place = ({ at, atEnd }: Damage): number =>
    (atEnd ? newlines[at % newlines.length] : undefined) ?? at % (text.length + 1)
  const pieces: Uint8Array[] = []
  const applied: { readonly from: number; readonly to: number }[] = []
  let at = 0
  const wanted = damages.map((damage) => ({ ...damage, at: place(damage) }))
  for (const { at: from, gone, come } of wanted.toSorted((a, b) => a.at - b.at)) {
    if (from < at) continue
    const to = Math.min(from + gone, text.length)
    pieces.push(text.subarray(at, from), come)
    applied.push({ from, to })
    at = to
  }
  pieces.push(text.subarray(at))
  return {
    damaged: Buffer.concat(pieces),
    touched: (from, to) =>
      applied.some((one) =>
        one.from === one.to ? from < one.from && one.from < to : one.from < to && from < one.to,
      ),
  }
}

const rowText = fc
  .dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' }), { minKeys: 1 })
  .map((row) => JSON.stringify(row))
const cuts = fc.array(fc.nat({ max: 5000 }), { maxLength: 20 })
const damage: fc.Arbitrary<Damage> = fc.record({
  at: fc.nat(),
  atEnd: fc.boolean(),
  gone: fc.oneof(fc.nat({ max: 2 }), fc.nat({ max: 40 })),
  // Newlines, spaces, digits and braces are what can confuse a reader.
  come: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .string({ unit: fc.constantFrom('\n', ' ', '0', '1', 'f', '{', '"', '}'), maxLength: 40 })
      .map((text) => Buffer.from(text)),
  ),
})

test('a frame is the length and the CRC-32 of its JSON in hexadecimal, the JSON, and a newline', () => {
  const json = '{"Message":"für 注文"}'
  const bytes = Buffer.from(json)
  const head = [bytes.length, crc32(bytes)].map((value) => value.toString(16).padStart(8, '0')).join(' ')
  expect(frame(json).toString()).toBe(`${head} ${json}\n`)
  expect(frame(json).length).toBe(bytes.length + FRAME_OVERHEAD)
})

test('a frame is written where it is wanted, touches nothing else, and says where it ends', () => {
  const target = Buffer.alloc(100, 0xee)
  const end = writeFrame(target, 10, '{"a":1}')
  expect(target.subarray(10, end)).toEqual(frame('{"a":1}'))
  expect(target.subarray(0, 10).every((byte) => byte === 0xee)).toBe(true)
  expect(target.subarray(end).every((byte) => byte === 0xee)).toBe(true)
})

test('what is written is read back, whatever the JSON is', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue({ stringUnit: 'binary' })), (values) => {
      const texts = values.map((value) => JSON.stringify(value))
      expect(parse(texts.map(frame))).toEqual({ frames: texts, damaged: [], tornBytes: 0 })
    }),
    { numRuns: 1000 },
  )
})

test('text and its UTF-8 become the same frame, and a lone surrogate U+FFFD', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 0xffff })), (units) => {
      const text = JSON.stringify(String.fromCharCode(...units))
      expect(frame(text)).toEqual(frame(Buffer.from(text)))
      // As an encoder would write it that knows nothing of surrogates.
      const raw = `"${String.fromCharCode(...units).replaceAll(/["\\\n]/g, '')}"`
      expect(parse([frame(raw)]).frames).toEqual([Buffer.from(raw).toString()])
    }),
    { numRuns: 1000 },
  )
})

test('the frames are the same wherever the chunks end, also among damage', () => {
  fc.assert(
    fc.property(fc.array(rowText), fc.array(damage, { maxLength: 4 }), cuts, (rows, damages, cuts) => {
      const { damaged } = damageText(rows.map(frame), damages)
      const whole = parse([damaged])
      expect(parse(cut(damaged, cuts))).toEqual(whole)
      expect(parse(Array.from(damaged, (byte) => Buffer.of(byte)))).toEqual(whole)
    }),
    { numRuns: 200 },
  )
})

test('damage invents no row, and costs only frames of which it touched a byte', () => {
  let merged = 0
  fc.assert(
    fc.property(
      fc.array(rowText, { minLength: 1 }),
      fc.array(damage, { minLength: 1, maxLength: 6 }),
      (rows, damages) => {
        const frames = rows.map(frame)
        const { damaged, touched } = damageText(frames, damages)
        const found = parse([damaged]).frames
        let at = 0
        let next = 0
        for (const [index, { length }] of frames.entries()) {
          const from = at
          at += length
          // Its newline is no part of what it says.
          const intact = !touched(from, at - 1)
          if (intact && touched(from - 1, from)) merged += 1
          if (found[next] === rows[index]) next += 1
          else expect(intact).toBe(false)
        }
        expect(next).toBe(found.length)
      },
    ),
    { numRuns: 1000 },
  )

  expect(merged).toBeGreaterThan(10)
})

test('what looks like a frame inside the text of a damaged row is no row', () => {
  const inner = frame('{"Message":"made up"}').toString().trimEnd()
  const empty = frame('{}').toString().trimEnd()
  const outer = frame(JSON.stringify({ Message: `${inner} ${empty} ${inner}` }))
  outer[20] = 0x58
  expect(parse([frame('{"a":1}'), outer, frame('{"b":2}')])).toMatchObject({
    frames: ['{"a":1}', '{"b":2}'],
    tornBytes: 0,
  })
})

test('F6: any other byte in the place of any byte of a frame sets that frame aside, and no other', () => {
  const frames = [
    '{"a":"before"}',
    '{"Message":"für {} 00000002 99999999 {}","n":[1,2]}',
    '{"a":"after"}',
  ].map(frame)
  const text = Buffer.concat(frames)
  const [from = 0, length = 0] = frames.map((bytes) => bytes.length)
  const wrong: unknown[] = []
  for (let at = from; at < from + length - 1; at += 1) {
    for (let bits = 1; bits < 256; bits += 1) {
      const flipped = Buffer.from(text)
      flipped[at] = (text[at] ?? 0) ^ bits
      const { frames: found, damaged, tornBytes } = parse([flipped])
      const bytes = flipped.toString('latin1', from, from + length - 1)
      const others = found.length === 2 && found[0] === '{"a":"before"}' && found[1] === '{"a":"after"}'
      if (!others || damaged.length !== 1 || damaged[0] !== bytes || tornBytes !== 0)
        wrong.push([at, bits, found, damaged])
    }
  }
  expect(wrong).toEqual([])
})

test('two damaged records side by side are two, and one that was cut by a newline is one', () => {
  const [first = '', second = ''] = someRows(2)
  const one = frame(first)
  const other = frame(second)
  one[60] = 0x0a
  one[90] = 0x0a
  other[3] = 0x7a
  const { frames, damaged } = parse([frame('{"a":1}'), one, other, frame('{"b":2}')])
  expect(frames).toEqual(['{"a":1}', '{"b":2}'])
  expect(damaged).toEqual([one, other].map((bytes) => bytes.subarray(0, -1).toString('latin1')))
})

test('what follows in a damaged row is its own as long as it does not begin like a frame', () => {
  const row = '00000009 00000000 {"a":'
  for (const more of [
    '00000009x00000000 {"b":1}',
    '00000009 00000000x{"b":1}',
    '00000009 00000000 ["b",1]',
    '00000009 00000000 {b:1}',
  ]) {
    expect(parse([Buffer.from(`${row}\n${more}\n`), frame('{"c":1}')])).toEqual({
      frames: ['{"c":1}'],
      damaged: [`${row}\n${more}`],
      tornBytes: 0,
    })
  }
  const next = '0000000x 0000000x {"b":1}'
  expect(parse([Buffer.from(`${row}\n${next}\n`)]).damaged).toEqual([row, next])
})

test('a frame without its newline is whole at the end, and so is one before another frame', () => {
  const bytes = frame('{"a":1}')
  const bare = bytes.subarray(0, -1)
  expect(parse([bare])).toEqual({ frames: ['{"a":1}'], damaged: [], tornBytes: 0 })
  expect(parse([bare, bytes, bare])).toEqual({
    frames: ['{"a":1}', '{"a":1}', '{"a":1}'],
    damaged: [],
    tornBytes: 0,
  })
})

test('a length that claims more than there is costs its own frame only', () => {
  const lie = frame('{"a":1}')
  for (const length of [
    'ffffffff',
    '80000000',
    '03200000',
    '00000008',
    '00000006',
    '00000000',
    '0000000A',
    '-0000001',
  ]) {
    lie.write(length)
    const { frames, damaged, tornBytes } = parse([frame('{"b":1}'), lie, frame('{"c":1}')])
    expect([frames, damaged.length, tornBytes]).toEqual([['{"b":1}', '{"c":1}'], 1, 0])
    // At the end it is torn: more might have been going to come.
    expect(parse([frame('{"b":1}'), lie.subarray(0, -1)])).toEqual({
      frames: ['{"b":1}'],
      damaged: [],
      tornBytes: lie.length - 1,
    })
  }
})

test('digits that are none make no frame, whatever the checksum says', () => {
  // The CRC-32 of nothing is zero.
  for (const head of [
    'zzzzzzzz 00000000',
    '-0000001 00000000',
    '0000000- 00000000',
    '00000000 -0000000',
    '00000007 0000000G',
  ]) {
    const line = `${head} {"a":1}`
    expect(parse([Buffer.from(`${line}\n`), frame('{"b":1}')])).toEqual({
      frames: ['{"b":1}'],
      damaged: [line],
      tornBytes: 0,
    })
  }
})

test('a line full of heads that lie about their lengths takes no longer than others', () => {
  // Without a bound the CRC-32 of some 10^12 bytes would be needed.
  const count = 200_000
  const size = 30 * count
  const claim = (left: number): string =>
    `${left.toString(16).padStart(8, '0')} 00000000 {"a":"bcdef"\n`.slice(0, 30)
  const heads = Array.from({ length: count }, (_, index) => claim(size - index * 30 - 18))
  const line = Buffer.from(heads.join(''))
  expect(line.length).toBe(size)
  const { frames, damaged } = parse([line, Buffer.from('\n'), frame('{"a":1}')])
  expect([frames, damaged.length]).toEqual([['{"a":1}'], 1])
})

test('a line over the limit is one damaged record, of which the beginning is kept', () => {
  const long = Buffer.from(`0001ffff 00000000 {"a":"${'x'.repeat(200_000)}"}\n`)
  const bytes = Buffer.concat([frame('{"a":1}'), long, frame('{"b":1}')])
  for (const chunks of [
    [bytes],
    cut(bytes, [20, 70_000, 140_000]),
    cut(
      bytes,
      Array.from({ length: 300 }, (_, at) => at * 700),
    ),
  ]) {
    const { frames, damaged, tornBytes } = parse(chunks, 150_000)
    expect(frames).toEqual(['{"a":1}', '{"b":1}'])
    expect(damaged).toEqual([long.subarray(0, 65_536).toString('latin1')])
    expect(tornBytes).toBe(0)
  }
})

test('a row of exactly the limit is a frame, and one byte more is not', () => {
  const row = (length: number): string => `{"a":"${'x'.repeat(length - 8)}"}`
  expect(parse([frame(row(1000))], 1000).frames).toEqual([row(1000)])
  const over = frame(row(1001))
  expect(parse([over], 1000)).toEqual({
    frames: [],
    damaged: [over.subarray(0, -1).toString('latin1')],
    tornBytes: 0,
  })
  expect(parse([over.subarray(0, -1)], 1000)).toEqual({ frames: [], damaged: [], tornBytes: over.length - 1 })
})
