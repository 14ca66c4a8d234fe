import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'

import { expect, test } from 'vitest'

import { readRecordTexts } from '../src/record-texts.ts'
import type { RecordText } from '../src/record-texts.ts'
import type { UploadFileInput } from '../src/file-records.ts'

async function read(input: UploadFileInput): Promise<readonly RecordText[]> {
  const records: RecordText[] = []
  for await (const record of readRecordTexts(input)) records.push(record)
  return records
}

test('the lines of NDJSON come one by one, with their positions, and with all their digits', async () => {
  const text = '{"n":12345678901234567890}\n\n  {"n":2}\r\n'
  expect(await read(Readable.from([Buffer.from(text)]))).toEqual([
    { position: { index: 0, byteOffset: 0, line: 1 }, text: '{"n":12345678901234567890}' },
    { position: { index: 1, byteOffset: 30, line: 3 }, text: '{"n":2}' },
  ])
})

test('an array and gzip are recognised by content', async () => {
  const records = await read(Readable.from([gzipSync('[{"a":"é"}, no]')]))
  expect(records.map(({ text }) => text)).toEqual(['{"a":"é"}', 'no'])
})

test('what comes before the damage of an array is told before the error', async () => {
  const records = readRecordTexts(Readable.from([Buffer.from('[{"a":1}, {"a":2} {')]))
  expect((await records.next()).value?.text).toBe('{"a":1}')
  expect((await records.next()).value?.text).toBe('{"a":2}')
  await expect(records.next()).rejects.toMatchObject({ code: 'AZLOGS_MALFORMED' })
})

test('a file that is not there is an error with its path, and who stops reading closes the file', async () => {
  await expect(readRecordTexts('/nowhere/app.ndjson').next()).rejects.toThrow('/nowhere/app.ndjson')
  const stream = createReadStream(new URL(import.meta.url))
  for await (const { position } of readRecordTexts(stream)) {
    expect(position.index).toBe(0)
    break
  }
  expect(stream.destroyed).toBe(true)
})
