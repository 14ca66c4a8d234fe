import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { nodeFs } from '../src/spool-fs.ts'
import { headerOf } from '../src/spool-head.ts'
import type { SpoolHead } from '../src/spool-head.ts'
import { encodeHeader } from '../src/spool-header.ts'
import { frame, header, someRows, spoolBytes } from './spool-bytes.ts'
import { temporaryDirectory, watchedFs } from './spool-instances.ts'

const whole = encodeHeader(header)
const row = frame('{"a":1}')

async function head(...parts: readonly (Buffer | string)[]): Promise<SpoolHead> {
  const path = join(temporaryDirectory(), 'one.spool')
  writeFileSync(path, Buffer.concat(parts.map((part) => Buffer.from(part as string, 'latin1'))))
  const found = await headerOf(nodeFs, path)
  const { size, uid } = statSync(path)
  expect(found).toMatchObject({ bytes: size, user: uid })
  return found
}

test.each([
  ['alone', [whole]],
  ['without its newline', [whole.subarray(0, -1)]],
  ['before rows', [spoolBytes(someRows(20))]],
  ['before a row that begins in the same line', [whole.subarray(0, -1), row]],
  ['before the header of another file', [whole, encodeHeader({ ...header, rule: 'another' })]],
] as [string, Buffer[]][])('a header %s is the file’s', async (_where, parts) => {
  expect(await head(...parts)).toMatchObject({ header, empty: false })
})

test.each([
  ['a row', [row, whole]],
  ['an empty line', ['\n', whole]],
  ['text', ['notes\n', whole]],
  ['text in the same line', ['notes ', whole]],
] as [string, (Buffer | string)[]][])('a header behind %s is none', async (_what, parts) => {
  expect(await head(...parts)).toMatchObject({ header: undefined, empty: false })
})

test('a file is empty with any part of a header, and with nothing behind that', async () => {
  for (const length of [0, 1, 8, 9, 18, 19, 27, 40, whole.length - 2]) {
    expect(await head(whole.subarray(0, length))).toMatchObject({ header: undefined, empty: true })
  }
  expect(await head(whole.subarray(0, 40), '\n')).toMatchObject({ header: undefined, empty: false })
  expect(await head(whole.subarray(0, 40), 'x'.repeat(10_000))).toMatchObject({
    header: undefined,
    empty: false,
  })
})

test('what is no file has no header', async () => {
  const path = temporaryDirectory()
  const { size, uid } = statSync(path)
  expect(await headerOf(nodeFs, path)).toEqual({ header: undefined, bytes: size, user: uid, empty: false })
})

test('no file stays open', async () => {
  const path = join(temporaryDirectory(), 'one.spool')
  writeFileSync(path, whole)
  const { fs, descriptors } = watchedFs()
  await headerOf(fs, path)
  expect(descriptors()).toEqual([-1])
})
