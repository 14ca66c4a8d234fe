import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { nodeFs } from '../src/spool-fs.ts'
import { encodeHeader } from '../src/spool-header.ts'
import { collectRows, NO_ROWS, readSpoolFile, readSpoolFileNow } from '../src/spool-reader.ts'
import type { SpoolContent } from '../src/spool-reader.ts'
import { frame, header, someRows, spoolBytes } from './spool-bytes.ts'
import { changedFs, watchedFs } from './spool-instances.ts'

let directory = ''
let path = ''

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'azlogs-reader-'))
  path = join(directory, 'one.spool')
})

afterAll(() => {
  rmSync(directory, { recursive: true, force: true })
})

interface Read extends SpoolContent {
  readonly rows: readonly string[]
}

async function readLater(file: string, maxRows?: number): Promise<Read> {
  const rows = collectRows()
  const content = await readSpoolFile(nodeFs, file, rows, maxRows)
  expect(rows.texts).toHaveLength(content.records)
  return { ...content, rows: rows.texts }
}

function readNow(file: string, maxRows?: number): Read {
  const rows = collectRows()
  const content = readSpoolFileNow(nodeFs, file, rows, maxRows)
  return { ...content, rows: rows.texts }
}

/** Reads a file with these bytes both ways, which must agree. */
async function read(bytes: Uint8Array): Promise<Read> {
  writeFileSync(path, bytes)
  const content = await readLater(path)
  expect(readNow(path)).toEqual(content)
  expect(content.bytes).toBe(bytes.length)
  return content
}

const FOREIGN = { header: undefined, records: 0, rows: [], damaged: [], damagedCount: 0 }

test('a file gives its header and its rows back, byte for byte', async () => {
  const rows = someRows(3000)
  const content = await read(spoolBytes(rows))
  expect(content).toMatchObject({ header, damaged: [], damagedCount: 0, tornBytes: 0 })
  expect(content.rows).toEqual(rows)
})

test('a header keeps any names', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (rule, stream) => {
      writeFileSync(path, encodeHeader({ ...header, rule, stream }))
      expect(readNow(path)).toMatchObject({ header: { ...header, rule, stream }, rows: [] })
    }),
  )
})

test('F5: cut at any byte of its last three frames, a file gives exactly its whole frames', async () => {
  const rows = someRows(6)
  const bytes = spoolBytes(rows)
  const ends = rows.map((_, index) => spoolBytes(rows.slice(0, index + 1)).length)
  for (let length = ends[2] ?? 0; length <= bytes.length; length += 1) {
    const content = await read(bytes.subarray(0, length))
    // Whole without its newline is whole.
    const whole = ends.filter((end) => end - 1 <= length).length
    expect(content.rows).toEqual(rows.slice(0, whole))
    const torn = length - (ends[whole - 1] ?? 0)
    expect(content).toMatchObject({ damagedCount: 0, damaged: [], tornBytes: Math.max(torn, 0) })
  }
})

test('F6: a flip in any byte of a middle frame sets that frame aside, and no other', () => {
  const rows = someRows(5)
  const bytes = spoolBytes(rows)
  const from = spoolBytes(rows.slice(0, 2)).length
  const to = spoolBytes(rows.slice(0, 3)).length
  const others = rows.filter((_, index) => index !== 2)
  for (let at = from; at < to - 1; at += 1) {
    // The newline among them; all others are tried on the parser alone.
    for (const bits of [0x01, 0x20, 0x80, 0xff, (bytes[at] ?? 0) ^ 0x0a]) {
      const flipped = Buffer.from(bytes)
      flipped[at] = (bytes[at] ?? 0) ^ bits
      writeFileSync(path, flipped)
      const content = readNow(path)
      expect(content.rows).toEqual(others)
      expect(content.damaged).toEqual([flipped.subarray(from, to - 1)])
      expect(content).toMatchObject({ damagedCount: 1, tornBytes: 0 })
    }
  }
})

test('F6: a newline between two frames that became anything else costs nothing', async () => {
  const rows = someRows(5)
  const bytes = spoolBytes(rows)
  const at = spoolBytes(rows.slice(0, 3)).length - 1
  for (let byte = 0; byte < 256; byte += 1) {
    bytes[at] = byte
    const content = await read(bytes)
    expect(content.rows).toEqual(rows)
    expect(content).toMatchObject({ damagedCount: 0, tornBytes: 0 })
  }
})

test('a frame whose JSON is no object is damaged, however right its checksum is', async () => {
  const wrong = ['[1]', '"text"', '1', 'null', 'true', '{"a":}', '{"a":1', '', '{"a":1}{"b":2}', '__proto__']
  const invalidUtf8 = Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d])
  const bytes = Buffer.concat([
    encodeHeader(header),
    frame('{"a":1}'),
    ...wrong.map((json) => frame(json)),
    frame(invalidUtf8),
    frame('{"b":2}'),
  ])
  const content = await read(bytes)
  expect(content.rows).toEqual(['{"a":1}', '{"b":2}'])
  expect(content.damaged).toEqual([...wrong.map((json) => Buffer.from(json)), invalidUtf8])
  expect(content.damagedCount).toBe(wrong.length + 1)
})

test('a row that is nested very deeply is one, and what is none is none at any depth', async () => {
  const deep = (inside: string | Buffer): Buffer =>
    Buffer.concat([
      Buffer.from('{"a":'.repeat(100)),
      Buffer.from(inside as string),
      Buffer.from('}'.repeat(100)),
    ])
  const row = deep('"für"')
  const wrong = [
    deep('für'),
    deep(Buffer.from([0x22, 0xff, 0x22])),
    Buffer.concat([Buffer.from('['), row, Buffer.from(']')]),
  ]
  const content = await read(
    Buffer.concat([encodeHeader(header), ...[row, ...wrong].map((json) => frame(json))]),
  )
  expect(content.rows).toEqual([row.toString()])
  expect(content.damaged).toEqual(wrong)
})

test('rows stay text: numbers keep their digits, and __proto__ is a key like others', async () => {
  const rows = [
    '{"__proto__":{"polluted":true},"n":12345678901234567890.10}',
    '{"constructor":{"prototype":{"polluted":1}}}',
  ]
  expect((await read(spoolBytes(rows))).rows).toEqual(rows)
  expect(Reflect.get({}, 'polluted')).toBeUndefined()
})

test('a header has to be whole, of this version, and its own', async () => {
  const good = { azlogs: 1, kind: 'spool', ...header }
  const bad: readonly unknown[] = [
    { ...good, azlogs: 2 },
    { ...good, azlogs: '1' },
    { ...good, kind: 'dead-letter' },
    { ...good, rule: undefined },
    { ...good, stream: 7 },
    { ...good, instance: null },
    { ...good, created: [] },
    null,
    [],
    'spool',
    { Message: 'a row' },
  ]
  const inherited = `{"__proto__":${JSON.stringify(good)}}`
  for (const json of [...bad.map((value) => JSON.stringify(value)), inherited, '{"azlogs":1']) {
    expect(await read(Buffer.concat([frame(json), frame('{"a":1}')]))).toMatchObject(FOREIGN)
  }
  expect(await read(Buffer.concat([frame(JSON.stringify(good)), frame('{"a":1}')]))).toMatchObject({ header })
})

test('a header that is damaged, or not first, makes a file foreign', async () => {
  const bytes = spoolBytes(['{"a":1}'])
  for (let at = 0; at < encodeHeader(header).length - 1; at += 1) {
    const flipped = Buffer.from(bytes)
    flipped[at] = (bytes[at] ?? 0) ^ 0x01
    expect(await read(flipped)).toMatchObject(FOREIGN)
  }
  expect(await read(Buffer.concat([Buffer.from('\n'), bytes]))).toMatchObject(FOREIGN)
  expect(await read(Buffer.concat([frame('{"a":1}'), bytes]))).toMatchObject(FOREIGN)
})

test('files of something else are foreign, and none of their bytes is taken for a row', async () => {
  const noise = Buffer.from(
    Array.from({ length: 300_000 }, (_, index) => (index * index * 31 + (index >> 3)) & 255),
  )
  const files = [
    '\n\n\n\n',
    '{"a":1}\n{"a":2}\n',
    'PK\u0003\u0004',
    '\u0000'.repeat(5000),
    '\u0000'.repeat(5000) + '\n',
    noise,
  ]
  for (const bytes of files) expect(await read(Buffer.from(bytes as string))).toMatchObject(FOREIGN)
})

test('an empty file, and any part of a header, is foreign', async () => {
  const whole = encodeHeader(header)
  for (let length = 0; length < whole.length - 1; length += 1) {
    expect(await read(whole.subarray(0, length))).toMatchObject({ ...FOREIGN, tornBytes: length })
  }
  expect(await read(whole.subarray(0, -1))).toMatchObject({ header, rows: [], tornBytes: 0 })
})

test('zeros behind the rows, as a loss of power leaves them, are a torn tail', async () => {
  const rows = someRows(3)
  const content = await read(Buffer.concat([spoolBytes(rows), Buffer.alloc(8192)]))
  expect(content.rows).toEqual(rows)
  expect(content).toMatchObject({ damagedCount: 0, tornBytes: 8192 })
})

test('a block of zeros in the middle costs the rows that were there, and the next one begins right behind it', async () => {
  const rows = someRows(40)
  const bytes = spoolBytes(rows)
  const from = spoolBytes(rows.slice(0, 5)).length + 100
  const to = spoolBytes(rows.slice(0, 20)).length
  bytes.fill(0, from, to)
  const content = await read(bytes)
  expect(content.rows).toEqual([...rows.slice(0, 5), ...rows.slice(20)])
  expect(content).toMatchObject({ damagedCount: 1, tornBytes: 0 })
})

test('of very many damaged records the first thousand keep their bytes', async () => {
  const lines = Array.from({ length: 3000 }, (_, index) => `00000007 00000000 {"a":${index % 10}}\n`)
  const content = await read(
    Buffer.concat([encodeHeader(header), Buffer.from(lines.join('')), frame('{"b":2}')]),
  )
  expect(content.rows).toEqual(['{"b":2}'])
  expect(content.damagedCount).toBe(3000)
  expect(content.damaged.length).toBe(1000)
})

test('a file over 128 MiB is foreign, and is not read', async () => {
  writeFileSync(path, spoolBytes(someRows(3)))
  truncateSync(path, 134_217_729)
  const content = await readLater(path)
  expect(content).toEqual({ ...FOREIGN, tornBytes: 0, bytes: 134_217_729 })
  expect(readNow(path)).toEqual(content)
})

test('a file of more rows than any of ours can have is foreign', async () => {
  writeFileSync(path, spoolBytes(someRows(1000)))
  for (const reading of [readLater(path, 999), readNow(path, 999)]) {
    expect(await reading).toMatchObject(FOREIGN)
  }
  expect((await readLater(path, 1000)).rows).toHaveLength(1000)
})

test('a directory is foreign', async () => {
  expect(await readLater(directory)).toMatchObject(FOREIGN)
  expect(readNow(directory)).toMatchObject(FOREIGN)
})

test.skipIf(process.platform === 'win32')(
  'a symbolic link is foreign, also one to a file of ours',
  async () => {
    writeFileSync(path, spoolBytes(someRows(3)))
    const link = join(directory, 'link.spool')
    symlinkSync(path, link)
    expect(await readLater(link)).toMatchObject(FOREIGN)
    expect(readNow(link)).toMatchObject(FOREIGN)
  },
)

test.skipIf(process.platform === 'win32')(
  'a named pipe is foreign, and nobody waits for its other end',
  async () => {
    const pipe = join(directory, 'pipe.spool')
    execFileSync('mkfifo', [pipe])
    expect(await readLater(pipe)).toMatchObject(FOREIGN)
    expect(readNow(pipe)).toMatchObject(FOREIGN)
  },
)

test('a file that is not there is an error of the file system', async () => {
  const missing = join(directory, 'missing.spool')
  await expect(readLater(missing)).rejects.toMatchObject({ code: 'ENOENT' })
  expect(() => readNow(missing)).toThrow('ENOENT')
})

test('no file stays open, whatever it is', async () => {
  const closed: number[] = []
  const { fs: watched, descriptors } = watchedFs()
  const fs = {
    ...watched,
    closeSync: (fd: number) => {
      closed.push(fd)
      nodeFs.closeSync(fd)
    },
  }
  writeFileSync(path, spoolBytes(someRows(3)))
  for (const file of [path, directory]) {
    await readSpoolFile(fs, file, NO_ROWS)
    readSpoolFileNow(fs, file, NO_ROWS)
  }
  expect(descriptors()).toEqual([-1, -1])
  expect(closed).toHaveLength(2)
})

test('a file that grows over 128 MiB while it is read is foreign', async () => {
  writeFileSync(path, spoolBytes(someRows(3)))
  const fs = changedFs({
    open: async (file: string, flags: number) => {
      const handle = await nodeFs.promises.open(file, flags)
      const before = await handle.stat()
      truncateSync(path, 134_217_729)
      return Object.assign(handle, { stat: () => Promise.resolve(before) })
    },
  })
  const rows = collectRows()
  const content = await readSpoolFile(fs, path, rows)
  expect({ ...content, rows: rows.texts }).toMatchObject(FOREIGN)
  expect(content.bytes).toBeGreaterThan(134_217_728)
})
