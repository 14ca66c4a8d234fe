import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { setImmediate } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'

import { isAggregateLogsUploadError, LogsIngestionClient } from '../src/index.ts'
import type {
  AggregateLogsUploadError,
  LogsIngestionClientOptions,
  LogsUploadFailure,
  UploadFileInput,
} from '../src/index.ts'
import { startReceiver } from './receiver.ts'

let emulator: Emulator
let directory: string

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
  directory = await mkdtemp(join(tmpdir(), 'azlogs-upload-file-'))
})
afterAll(async () => {
  await emulator.close()
  await rm(directory, { recursive: true })
})
beforeEach(() => emulator.clear())

const RULE_ID = 'dcr-0123456789abcdef0123456789abcdef'
const STREAM = 'Custom-AppLogs_CL'

function open(options: LogsIngestionClientOptions = {}, url: string = emulator.url): LogsIngestionClient {
  const client = new LogsIngestionClient(url, emulator.credential, options)
  onTestFinished(() => client.close())
  return client
}

let files = 0

async function fileOf(content: string | Uint8Array): Promise<string> {
  const path = join(directory, `file-${(files += 1)}`)
  await writeFile(path, content)
  return path
}

async function failureOf(upload: Promise<unknown>): Promise<AggregateLogsUploadError> {
  const error: unknown = await upload.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (isAggregateLogsUploadError(error)) return error
  throw new Error('The upload did not fail with an aggregate.', { cause: error })
}

const TimeGenerated = new Date().toISOString()
const ROWS = Array.from({ length: 50 }, (_, index) => ({ TimeGenerated, Message: `line ${index} ü€\n"]}` }))
const LINES = ROWS.map((row) => `${JSON.stringify(row)}\n`)

/** Cuts bytes into pieces of `size`. */
function pieces(bytes: Uint8Array, size: number): Readable {
  const count = Math.ceil(bytes.length / size)
  return Readable.from(
    Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size)),
  )
}

const middle = LINES.length / 2

test.each<[string, string | Uint8Array]>([
  ['a JSON array', JSON.stringify(ROWS)],
  ['an indented JSON array', JSON.stringify(ROWS, undefined, 2)],
  ['NDJSON', LINES.join('')],
  [
    'NDJSON with CRLF, empty lines and no end of the last line',
    `\r\n${LINES.join('').replaceAll('\n', '\r\n\r\n').trimEnd()}`,
  ],
  ['a JSON array with a byte order mark', `\uFEFF \n${JSON.stringify(ROWS)}\n`],
  ['NDJSON with a byte order mark', `\uFEFF${LINES.join('')}`],
  ['a gzipped JSON array', gzipSync(JSON.stringify(ROWS))],
  ['gzipped NDJSON', gzipSync(LINES.join(''))],
  [
    'gzipped NDJSON of several members',
    Buffer.concat([gzipSync(LINES.slice(0, middle).join('')), gzipSync(LINES.slice(middle).join(''))]),
  ],
])('%s is uploaded, from a file and from streams', async (_what, content) => {
  const path = await fileOf(content)
  const bytes = Buffer.from(content as string)
  const sources: readonly UploadFileInput[] = [
    path,
    pathToFileURL(path),
    createReadStream(path, { highWaterMark: 7 }),
    pieces(bytes, 1),
    new ReadableStream({
      start(controller) {
        controller.enqueue(bytes)
        controller.close()
      },
    }),
  ]
  for (const source of sources) {
    emulator.clear()
    expect(await open().uploadFile(emulator.ruleId, STREAM, source)).toMatchObject({
      acceptedCount: 50,
      failedCount: 0,
    })
    expect(emulator.rows().map((row) => row['Message'])).toEqual(ROWS.map(({ Message }) => Message))
  }
})

test('a stream of text is uploaded', async () => {
  await open().uploadFile(emulator.ruleId, STREAM, Readable.from(LINES))
  expect(emulator.rows()).toHaveLength(50)
})

test('an empty file uploads nothing', async () => {
  for (const content of ['', '\n\n', '[]', '\uFEFF', gzipSync('')]) {
    const result = await open().uploadFile(emulator.ruleId, STREAM, await fileOf(content))
    expect(result).toMatchObject({ acceptedCount: 0, failedCount: 0, requestCount: 0 })
  }
})

test('records keep the bytes that they have in the file', async () => {
  const receiver = await startReceiver()
  const records = ['{ "id" : 12345678901234567890, "x":1.0e2 }', String.raw`{"ü":"\u00fc\/"}`]
  await open({}, receiver.url).uploadFile(RULE_ID, STREAM, await fileOf(`${records.join('\n')}\n`))
  await open({}, receiver.url).uploadFile(RULE_ID, STREAM, await fileOf(`[\n  ${records.join(' ,\n  ')}\n]`))
  const sent = `[${records.join(',')}]`
  expect(receiver.received.map(({ json }) => json.toString())).toEqual([sent, sent])
})

test('a malformed line fails alone, with its position', async () => {
  const lines = [
    '{"Message":"a"}',
    '{"Message":',
    '',
    '7',
    '{"Message":"b"}',
    '"text"',
    'null',
    '[{"a":1}]',
    '{"Message":"c"} x',
  ]
  const error = await failureOf(open().uploadFile(emulator.ruleId, STREAM, await fileOf(lines.join('\n'))))
  expect(emulator.rows().map((row) => row['Message'])).toEqual(['a', 'b'])
  expect(error.errors.map(({ cause }) => Reflect.get(cause, 'position'))).toEqual([
    { index: 1, line: 2, byteOffset: 16 },
    { index: 2, line: 4, byteOffset: 29 },
    { index: 4, line: 6, byteOffset: 47 },
    { index: 5, line: 7, byteOffset: 54 },
    { index: 6, line: 8, byteOffset: 59 },
    { index: 7, line: 9, byteOffset: 69 },
  ])
  for (const { cause, indices, failedLogs } of error.errors) {
    expect(cause).toMatchObject({ code: 'AZLOGS_MALFORMED', position: { index: indices[0] } })
    expect(failedLogs).toEqual([])
  }
  expect(error.message).toMatch(
    /^6 of 8 records were not accepted: 6 × Line 2 \(byte 16\) cannot be a record: /,
  )
})

test('a malformed element of an array fails alone, with its position', async () => {
  const text = '[{"Message":"a"}, {bad}, 7, {"Message":"b"},, {"Message":"c"}]'
  const error = await failureOf(open().uploadFile(emulator.ruleId, STREAM, await fileOf(text)))
  expect(emulator.rows().map((row) => row['Message'])).toEqual(['a', 'b', 'c'])
  expect(error.errors.map(({ cause }) => Reflect.get(cause, 'position'))).toEqual([
    { index: 1, byteOffset: 18 },
    { index: 2, byteOffset: 25 },
    { index: 4, byteOffset: 44 },
  ])
})

test('bytes that are no UTF-8 fail alone', async () => {
  const text = Buffer.concat([
    Buffer.from('{"Message":"a"}\n'),
    Buffer.from('{"Message":"ü"}\n', 'latin1'),
    Buffer.from('{"Message":"b"}\n'),
  ])
  const error = await failureOf(open().uploadFile(emulator.ruleId, STREAM, await fileOf(text)))
  expect(emulator.rows()).toHaveLength(2)
  expect(error.message).toContain('Line 2 (byte 16) cannot be a record: it is no UTF-8.')
})

test('an array that breaks off is uploaded up to there', async () => {
  const text = JSON.stringify(ROWS).slice(0, -20)
  const upload = open().uploadFile(emulator.ruleId, STREAM, await fileOf(text))
  await expect(upload).rejects.toMatchObject({
    code: 'AZLOGS_MALFORMED',
    position: { index: 49, byteOffset: Buffer.byteLength(text) },
  })
  expect(emulator.rows()).toHaveLength(49)
})

test('gzip that breaks off is uploaded up to there', async () => {
  const lines = Array.from(
    { length: 5000 },
    () => `${JSON.stringify({ Message: randomBytes(100).toString('hex') })}\n`,
  )
  const zipped = gzipSync(lines.join(''))
  const upload = open().uploadFile(
    emulator.ruleId,
    STREAM,
    await fileOf(zipped.subarray(0, zipped.length / 2)),
  )
  await expect(upload).rejects.toMatchObject({
    code: 'AZLOGS_MALFORMED',
    message: expect.stringContaining('The gzip data is damaged: unexpected end of file'),
  })
  expect(emulator.rows().length).toBeGreaterThan(1000)
})

test('a batch of a file that fails is reported with its records and indices', async () => {
  const text = [...LINES.slice(0, 2), 'bad\n', ...LINES.slice(2)].join('')
  emulator.answerNext({ status: 415 })
  const failures: LogsUploadFailure[] = []
  const result = await open().uploadFile(emulator.ruleId, STREAM, await fileOf(text), {
    onError: (failure) => void failures.push(failure),
  })
  expect(result).toMatchObject({ acceptedCount: 0, failedCount: 51 })
  const batch = failures.find(({ indices }) => indices.length === 50)
  expect(batch?.failedLogs).toEqual(ROWS)
  expect(batch?.indices).toEqual([0, 1, ...Array.from({ length: 48 }, (_, index) => index + 3)])
})

test('an abort reports what was read of a file, and that the rest was not', async () => {
  const controller = new AbortController()
  const receiver = await startReceiver(() => controller.abort())
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) {
      await setImmediate()
      yield Buffer.from(LINES.join(''))
    }
  }
  const stream = Readable.from(endless())
  const upload = open({ maxBatchBytes: 1000 }, receiver.url).uploadFile(RULE_ID, STREAM, stream, {
    maxConcurrency: 1,
    abortSignal: controller.signal,
  })
  const error = await failureOf(upload)
  const failed = error.errors.flatMap(({ failedLogs }) => failedLogs)
  expect(failed.length).toBeGreaterThan(0)
  expect(failed).toEqual(error.errors.flatMap(({ indices }) => indices).map((index) => ROWS[index % 50]))
  expect(error.message).toContain(`nothing was read from record ${failed.length} on`)
  expect(stream.destroyed).toBe(true)
})

test('an abort ends the upload of a stream that never gives anything', async () => {
  const controller = new AbortController()
  const stream = new Readable({ read: () => controller.abort() })
  const error = await failureOf(
    open().uploadFile(RULE_ID, STREAM, stream, { abortSignal: controller.signal }),
  )
  expect(error.message).toContain('nothing was read from record 0 on')
  expect(stream.destroyed).toBe(true)
})

test('an element over 50 MiB fails alone', async () => {
  function* text(): Generator<Buffer> {
    yield Buffer.from('{"Message":"a"}\n{"Message":"')
    for (let megabyte = 0; megabyte < 51; megabyte += 1) yield Buffer.alloc(1_048_576, 0x20)
    yield Buffer.from('"}\n{"Message":"b"}\n')
  }
  const error = await failureOf(open().uploadFile(emulator.ruleId, STREAM, Readable.from(text())))
  expect(emulator.rows().map((row) => row['Message'])).toEqual(['a', 'b'])
  expect(error.errors).toMatchObject([
    {
      cause: { code: 'AZLOGS_RECORD_TOO_LARGE', position: { index: 1, line: 2, byteOffset: 16 } },
      indices: [1],
    },
  ])
})

test('a file that is not there is the file system’s error, with its path', async () => {
  const missing = join(directory, 'nowhere')
  for (const file of [missing, pathToFileURL(missing)]) {
    await expect(open().uploadFile(RULE_ID, STREAM, file)).rejects.toMatchObject({
      code: 'ENOENT',
      path: missing,
    })
  }
  await expect(open().uploadFile(RULE_ID, STREAM, directory)).rejects.toMatchObject({
    code: 'EISDIR',
    path: directory,
    message: expect.stringContaining(directory),
  })
})

test('a missing file is no unhandled error when the signal has fired already', async () => {
  const error = await failureOf(
    open().uploadFile(RULE_ID, STREAM, join(directory, 'nowhere'), { abortSignal: AbortSignal.abort() }),
  )
  expect(error.message).toContain('nothing was read from record 0 on')
})

test('what is neither a path nor a stream of bytes is a TypeError', async () => {
  for (const input of [undefined, null, 5, {}, []]) {
    await expect(open().uploadFile(RULE_ID, STREAM, input as never)).rejects.toThrow(TypeError)
  }
  await expect(open().uploadFile(RULE_ID, STREAM, Readable.from([{ a: 1 }]))).rejects.toThrow(
    'For objects there is upload().',
  )
})
