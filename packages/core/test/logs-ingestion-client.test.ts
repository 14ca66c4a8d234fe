import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { ManagedIdentityCredential } from '@azure/identity'
import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'

import {
  AggregateLogsUploadError,
  isAggregateLogsUploadError,
  isAzlogsError,
  KnownMonitorAudience,
  LogsIngestionClient,
} from '../src/index.ts'
import type { LogsIngestionClientOptions, LogsUploadFailure, UploadProgress } from '../src/index.ts'
import { logLine } from './log-lines.ts'
import { startReceiver } from './receiver.ts'
import type { Receiver } from './receiver.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

const RULE_ID = 'dcr-0123456789abcdef0123456789abcdef'
const STREAM = 'Custom-AppLogs_CL'

/** A client that retries without waiting. */
function open(options: LogsIngestionClientOptions = {}, url: string = emulator.url): LogsIngestionClient {
  const client = new LogsIngestionClient(url, emulator.credential, {
    retryOptions: { retryDelayInMs: 0, maxRetryDelayInMs: 0 },
    ...options,
  })
  onTestFinished(() => client.close())
  return client
}

function rowsOf(count: number, from = 0): { readonly TimeGenerated: string; readonly Message: string }[] {
  const TimeGenerated = new Date().toISOString()
  return Array.from({ length: count }, (_, index) => ({ TimeGenerated, Message: `line ${from + index}` }))
}

function messages(rows: readonly object[]): readonly unknown[] {
  return rows.map((row) => Reflect.get(row, 'Message'))
}

async function failureOf(upload: Promise<unknown>): Promise<AggregateLogsUploadError> {
  const error: unknown = await upload.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (isAggregateLogsUploadError(error)) return error
  throw new Error('The upload did not fail with an aggregate.', { cause: error })
}

test('upload() stores every record of an array, in several requests', async () => {
  const logs = rowsOf(30_000)
  const result = await open().upload(emulator.ruleId, STREAM, logs)
  expect(new Set(messages(emulator.rows()))).toEqual(new Set(messages(logs)))
  expect(emulator.rows()).toHaveLength(30_000)
  expect(result).toMatchObject({ acceptedCount: 30_000, failedCount: 0, requestCount: 3, retryCount: 0 })
  expect(emulator.verdicts()).toHaveLength(3)
  emulator.assertNothingDropped()
})

test('an upload of nothing sends nothing', async () => {
  const result = await open().upload(emulator.ruleId, STREAM, [])
  expect(result).toMatchObject({ acceptedCount: 0, failedCount: 0, requestCount: 0 })
  expect(emulator.requests()).toEqual([])
})

test('iterables and async iterables of every kind are uploaded', async () => {
  const client = open()
  function* generated(): Generator<object> {
    yield* rowsOf(3)
  }
  async function* generatedLater(): AsyncGenerator<object> {
    for (const row of rowsOf(3, 6)) {
      await setImmediate()
      yield row
    }
  }
  await client.upload(emulator.ruleId, STREAM, generated())
  await client.upload(emulator.ruleId, STREAM, new Set(rowsOf(3, 3)))
  await client.upload(emulator.ruleId, STREAM, generatedLater())
  expect(messages(emulator.rows())).toEqual(messages(rowsOf(9)))
})

test('no request carries more than maxBatchBytes of JSON, and none less than it could', async () => {
  const receiver = await startReceiver()
  const client = open({ maxBatchBytes: 1000 }, receiver.url)
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ Message: fc.string({ unit: 'binary', maxLength: 300 }) })),
      async (logs) => {
        const before = receiver.received.length
        const result = await client.upload(RULE_ID, STREAM, logs, { maxConcurrency: 1 })
        const received = receiver.received.slice(before)
        expect(received.flatMap(({ rows }) => rows)).toEqual(JSON.parse(JSON.stringify(logs)))
        expect(result.uncompressedBytes).toBe(received.reduce((sum, { json }) => sum + json.length, 0))
        expect(result.compressedBytes).toBe(received.reduce((sum, { wireBytes }) => sum + wireBytes, 0))
        for (const [index, { json, rows }] of received.entries()) {
          if (rows.length > 1) expect(json.length).toBeLessThanOrEqual(1000)
          const next = received[index + 1]?.rows[0]
          if (next !== undefined)
            expect(json.length + 1 + Buffer.byteLength(JSON.stringify(next))).toBeGreaterThan(1000)
        }
      },
    ),
    { numRuns: 50 },
  )
})

test('the bytes of a request are counted with brackets, commas and UTF-8', async () => {
  const receiver = await startReceiver()
  const logs = Array.from({ length: 11 }, () => ({ m: '€' })) // {"m":"€"} is 11 bytes
  // Ten of them with nine commas and two brackets are 121 bytes.
  await open({ maxBatchBytes: 121 }, receiver.url).upload(RULE_ID, STREAM, logs, { maxConcurrency: 1 })
  expect(receiver.received.map(({ json }) => json.length)).toEqual([121, 13])
})

test('a lazy source is read no further than the batches under way', async () => {
  const maxConcurrency = 3
  const rowsInBatch = 10
  let pulled = 0
  let settled = 0
  const ahead: number[] = []
  function* source(): Generator<object> {
    while (pulled < 300) {
      pulled += 1
      ahead.push(pulled - settled)
      yield { n: String(pulled).padStart(4, '0') } // {"n":"0001"}, 12 bytes
    }
  }
  const held: ServerResponse[] = []
  const receiver = await startReceiver((response) => {
    if (held.push(response) < maxConcurrency) return
    for (const each of held.splice(0)) each.writeHead(204).end()
  })
  const client = open({ maxBatchBytes: rowsInBatch * 13 + 1 }, receiver.url)
  await client.upload(RULE_ID, STREAM, source(), {
    maxConcurrency,
    onProgress: ({ acceptedCount }) => {
      settled = acceptedCount
    },
  })
  expect(receiver.received.map(({ rows }) => rows.length)).toEqual(
    Array.from({ length: 30 }, () => rowsInBatch),
  )
  expect(receiver.mostAtOnce).toBe(maxConcurrency)
  expect(Math.max(...ahead)).toBeLessThanOrEqual((maxConcurrency + 1) * rowsInBatch)
})

test('a source is not read while every sender is busy', async () => {
  let answer: (() => void) | undefined
  const held = new Promise<void>((resolve) => {
    answer = resolve
  })
  const receiver = await startReceiver(async (response) => {
    await held
    response.writeHead(204).end()
  })
  let pulled = 0
  function* source(): Generator<object> {
    while (pulled < 100) yield { n: String((pulled += 1)).padStart(4, '0') }
  }
  const upload = open({ maxBatchBytes: 131 }, receiver.url).upload(RULE_ID, STREAM, source(), {
    maxConcurrency: 2,
  })
  await receiver.arrived(2)
  for (let turn = 0; turn < 20; turn += 1) await setImmediate()
  expect(pulled).toBeLessThanOrEqual(30)
  expect(receiver.received).toHaveLength(2)
  answer?.()
  expect(await upload).toMatchObject({ acceptedCount: 100 })
})

test('the application gets its turn between two batches', async () => {
  let turns = 0
  let turnsWhenRead = 0
  const done = new AbortController()
  const count = async (): Promise<void> => {
    while (!done.signal.aborted) {
      await setImmediate()
      turns += 1
    }
  }
  function* source(): Generator<object> {
    yield* rowsOf(2000)
    turnsWhenRead = turns
  }
  const counting = count()
  const receiver = await startReceiver()
  await open({ maxBatchBytes: 1000 }, receiver.url).upload(RULE_ID, STREAM, source(), {
    maxConcurrency: 1000,
  })
  done.abort()
  await counting
  expect(turnsWhenRead).toBeGreaterThanOrEqual(receiver.received.length - 1)
})

test.each([
  ['a string', 'one', 'the string "one"'],
  ['JSON text', '[{"a":1}]', 'uploadFile()'],
  ['a buffer', Buffer.from('[]'), 'binary data'],
  ['nothing', undefined, 'undefined'],
  ['null', null, 'null'],
  ['an object', { Message: 'one' }, 'an object'],
  ['a number', 5, 'the number 5'],
])('logs that are %s are a TypeError', async (_what, logs, said) => {
  const upload = open().upload(emulator.ruleId, STREAM, logs as unknown as object[])
  await expect(upload).rejects.toThrow(TypeError)
  await expect(upload).rejects.toThrow(said)
})

test.each([
  [null, 'null'],
  [undefined, 'undefined'],
  [7, 'the number 7'],
  [7n, 'the bigint 7'],
  ['x', 'the string "x"'],
  [[{}], 'an array'],
  [() => {}, 'a function'],
  [Symbol('x'), 'a symbol'],
])(
  'an array with an element that is no object (%s) is refused before anything is sent',
  async (element, said) => {
    for (const logs of [[...rowsOf(2), element], new Set([...rowsOf(2), element])]) {
      const upload = open({ maxBatchBytes: 10 }).upload(emulator.ruleId, STREAM, logs as object[])
      await expect(upload).rejects.toThrow(
        new TypeError(`logs[2] is ${said}; each record must be an object.`),
      )
    }
    expect(emulator.requests()).toEqual([])
  },
)

test('a lazy source with an element that is no object is uploaded up to there', async () => {
  let returned = false
  function* source(): Generator {
    try {
      yield* rowsOf(5)
      yield null
      yield* rowsOf(5)
    } finally {
      returned = true
    }
  }
  const upload = open({ maxBatchBytes: 100 }).upload(emulator.ruleId, STREAM, source() as Iterable<object>)
  await expect(upload).rejects.toThrow(new TypeError('logs[5] is null; each record must be an object.'))
  expect(emulator.rows()).toHaveLength(5)
  expect(returned).toBe(true)
})

test('what a source throws surfaces after everything before it was sent', async () => {
  const broken = new Error('the database went away')
  async function* source(): AsyncGenerator<object> {
    yield* rowsOf(5)
    throw broken
  }
  await expect(open().upload(emulator.ruleId, STREAM, source())).rejects.toBe(broken)
  expect(emulator.rows()).toHaveLength(5)
})

test('what a source throws is one more entry of the aggregate when batches failed too', async () => {
  const broken = new Error('the database went away')
  function* source(): Generator<object> {
    yield* rowsOf(5)
    throw broken
  }
  emulator.answerNext({ status: 415 })
  const error = await failureOf(open().upload(emulator.ruleId, STREAM, source()))
  expect(error.errors.map(({ indices }) => indices)).toEqual([[0, 1, 2, 3, 4], []])
  expect(error.errors[1]?.cause).toBe(broken)
  expect(error.message).toContain('5 of 5 records were not accepted')
  expect(error.message).toContain('the database went away')
})

test('what a source throws surfaces alone when onError has been told of the rest', async () => {
  const broken = new Error('the database went away')
  function* source(): Generator<object> {
    yield* rowsOf(5)
    throw broken
  }
  emulator.answerNext({ status: 415 })
  const failures: LogsUploadFailure[] = []
  const upload = open().upload(emulator.ruleId, STREAM, source(), {
    onError: (failure) => void failures.push(failure),
  })
  await expect(upload).rejects.toBe(broken)
  expect(failures).toHaveLength(1)
})

test('a record that JSON refuses fails alone, with its index', async () => {
  const cycle: Record<string, unknown> = { Message: 'cycle' }
  cycle['self'] = cycle
  const poison = [
    cycle,
    { n: 1n },
    {
      get n() {
        throw new Error('no getter')
      },
    },
    {
      toJSON() {
        throw new Error('no toJSON')
      },
    },
    { toJSON: () => 'text' },
    { toJSON: () => undefined },
    { toJSON: () => [] },
    new Date(),
    Promise.resolve({ Message: 'not awaited' }),
  ]
  const logs = poison.flatMap((record, index) => [...rowsOf(1, index), record])
  const error = await failureOf(open().upload(emulator.ruleId, STREAM, logs))
  expect(emulator.rows()).toHaveLength(poison.length)
  expect(emulator.requests()).toHaveLength(1)
  expect(error.errors.map(({ indices }) => indices)).toEqual(poison.map((_, index) => [index * 2 + 1]))
  expect(error.errors.flatMap(({ failedLogs }) => failedLogs)).toEqual(poison)
  for (const { cause } of error.errors) expect(cause).toMatchObject({ code: 'AZLOGS_NOT_SERIALIZABLE' })
  expect(error.message).toMatch(
    /^9 of 18 records were not accepted: 9 × Record 1 cannot be written as JSON: /,
  )
})

test('toJSON is called once for each record', async () => {
  const toJSON = vi.fn<() => object>(() => ({ Message: 'once' }))
  await open().upload(emulator.ruleId, STREAM, [{ toJSON }])
  expect(toJSON).toHaveBeenCalledTimes(1)
})

test('indices stay right behind records that failed', async () => {
  emulator.answerNext({ status: 415 })
  const error = await failureOf(
    open().upload(emulator.ruleId, STREAM, [{ n: 1n }, ...rowsOf(2), { n: 2n }, ...rowsOf(1)]),
  )
  expect(error.errors.map(({ indices }) => indices).sort((a, b) => a.length - b.length)).toEqual([
    [0],
    [3],
    [1, 2, 4],
  ])
})

test('a record over maxBatchBytes goes alone', async () => {
  const receiver = await startReceiver()
  const logs = [{ m: 'a' }, { m: 'x'.repeat(5_000_000) }, { m: 'b' }]
  const result = await open({}, receiver.url).upload(RULE_ID, STREAM, logs, { maxConcurrency: 1 })
  expect(receiver.received.map(({ rows }) => rows)).toEqual([[logs[0]], [logs[1]], [logs[2]]])
  expect(result).toMatchObject({ acceptedCount: 3, requestCount: 3 })
})

test('a record over 1 MiB gzipped fails alone and is not sent', async () => {
  const receiver = await startReceiver()
  const huge = { m: randomBytes(1_100_000).toString('base64') }
  const error = await failureOf(
    open({}, receiver.url).upload(RULE_ID, STREAM, [{ m: 'a' }, huge, { m: 'b' }], { maxConcurrency: 1 }),
  )
  expect(receiver.received.flatMap(({ rows }) => rows)).toEqual([{ m: 'a' }, { m: 'b' }])
  expect(error.errors).toMatchObject([{ cause: { code: 'AZLOGS_RECORD_TOO_LARGE' }, indices: [1] }])
  expect(error.errors[0]?.failedLogs[0]).toBe(huge)
  expect(error.message).toContain('1 of 3 records')
})

test('a record over 50 MiB of JSON fails alone, however well it compresses', async () => {
  const receiver = await startReceiver()
  const huge = { m: ' '.repeat(52_428_800) }
  const error = await failureOf(
    open({}, receiver.url).upload(RULE_ID, STREAM, [{ m: 'a' }, huge, { m: 'b' }], { maxConcurrency: 1 }),
  )
  expect(receiver.received.flatMap(({ rows }) => rows)).toEqual([{ m: 'a' }, { m: 'b' }])
  expect(error.errors).toMatchObject([{ cause: { code: 'AZLOGS_RECORD_TOO_LARGE' }, indices: [1] }])
})

test('a large batch that compresses badly is divided until each part fits the wire', async () => {
  const receiver = await startReceiver()
  const logs = Array.from({ length: 60 }, (_, n) => ({ n, m: randomBytes(40_000).toString('base64') }))
  const result = await open({ maxBatchBytes: 50_000_000 }, receiver.url).upload(RULE_ID, STREAM, logs)
  expect(result).toMatchObject({ acceptedCount: 60, failedCount: 0, requestCount: 4 })
  expect(receiver.received.flatMap(({ rows }) => rows)).toEqual(logs)
  for (const { wireBytes } of receiver.received) expect(wireBytes).toBeLessThanOrEqual(1_048_576)
})

test.each([408, 429, 500, 502, 503, 504])(
  '%i is retried with the same body and a request id of its own',
  async (status) => {
    const receiver = await startReceiver((response) => {
      response.writeHead(receiver.received.length === 1 ? status : 204).end()
    })
    const result = await open({}, receiver.url).upload(RULE_ID, STREAM, rowsOf(10))
    expect(result).toMatchObject({ acceptedCount: 10, failedCount: 0, requestCount: 2, retryCount: 1 })
    const [first, second] = receiver.received
    expect(second?.json).toEqual(first?.json)
    const ids = receiver.received.map(({ headers }) => headers['x-ms-client-request-id'])
    expect(ids[0]).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(ids[1]).not.toBe(ids[0])
  },
)

test('a connection that is reset is retried', async () => {
  emulator.answerNext({ reset: 'before' }, { reset: 'before' })
  const result = await open().upload(emulator.ruleId, STREAM, rowsOf(10))
  expect(result).toMatchObject({ acceptedCount: 10, requestCount: 3, retryCount: 2 })
  expect(emulator.rows()).toHaveLength(10)
})

test('a process stays alive while its upload waits for a retry', async () => {
  emulator.answerNext({ status: 503, times: 3 })
  const { token } = await emulator.credential.getToken('https://monitor.azure.com/.default')
  const fixture = fileURLToPath(new URL('fixtures/upload-one.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=dev', fixture], {
    env: { ENDPOINT: emulator.url, RULE_ID: emulator.ruleId, STREAM, TOKEN: token },
  })
  expect(stdout).toBe('accepted 1, retries 3\n')
})

/** Answers 413 to every request with more than `bytes` of JSON. */
function refusingOver(bytes: number): Promise<Receiver> {
  return startReceiver((response, { json }) => {
    response.writeHead(json.length > bytes ? 413 : 204).end()
  })
}

test('413 halves a batch until it fits, and the batches after it are smaller', async () => {
  const receiver = await refusingOver(20_000)
  const client = open({ maxBatchBytes: 100_000 }, receiver.url)
  const rows = Array.from({ length: 1000 }, (_, n) => ({ Message: `${n} ${'x'.repeat(380)}` }))
  const result = await client.upload(emulator.ruleId, STREAM, rows, { maxConcurrency: 1 })
  expect(result).toMatchObject({ acceptedCount: 1000, failedCount: 0 })
  const accepted = receiver.received.filter(({ json }) => json.length <= 20_000)
  expect(accepted.flatMap(({ rows }) => rows)).toHaveLength(1000)
  // What was packed before the limit was learnt is refused; no batch is after that.
  const refused = receiver.received.filter(({ json }) => json.length > 20_000).length
  expect(refused).toBeLessThanOrEqual(14)
})

test('a lone record that is answered 413 fails alone', async () => {
  const receiver = await refusingOver(20_000)
  const client = open({}, receiver.url)
  const logs = [{ Message: 'a' }, { Message: 'x'.repeat(30_000) }, { Message: 'b' }]
  const error = await failureOf(client.upload(emulator.ruleId, STREAM, logs))
  expect(error.errors).toMatchObject([{ indices: [1], failedLogs: [logs[1]] }])
  expect(error.errors[0]?.cause).toMatchObject({ code: 'AZLOGS_TOO_LARGE' })
  expect(error.result).toMatchObject({ acceptedCount: 2, failedCount: 1 })
})

test('a record that the service refuses fails alone, for at most 21 requests in a thousand records', async () => {
  const receiver = await startReceiver((response, { rows }) => {
    response.writeHead(rows.some(({ Message }) => Message === 'poison') ? 400 : 204).end()
  })
  const logs = Array.from({ length: 1000 }, (_, n) => ({ n, Message: n === 617 ? 'poison' : 'fine' }))
  const client = open({}, receiver.url)
  const error = await failureOf(client.upload(emulator.ruleId, STREAM, logs))
  expect(error.errors).toMatchObject([{ indices: [617], failedLogs: [logs[617]] }])
  expect(error.result).toMatchObject({ acceptedCount: 999, failedCount: 1 })
  expect(receiver.received.length).toBeLessThanOrEqual(21)
})

test('records that are all refused fail without a storm of requests', async () => {
  const receiver = await startReceiver((response) => void response.writeHead(400).end())
  const client = open({}, receiver.url)
  const error = await failureOf(client.upload(emulator.ruleId, STREAM, rowsOf(1000)))
  expect(error.result).toMatchObject({ acceptedCount: 0, failedCount: 1000 })
  expect(receiver.received.length).toBeLessThanOrEqual(1 + 2 * 64)
})

test("packing: 'compressed' takes a sixth of the requests or less, none over 1,048,576 bytes", async () => {
  const receiver = await startReceiver()
  const rows = Array.from({ length: 120_000 }, (_, n) => logLine(n))
  const bytes = Buffer.byteLength(JSON.stringify(rows))
  const client = open({ packing: 'compressed' }, receiver.url)
  const result = await client.upload(emulator.ruleId, STREAM, rows)
  expect(result.acceptedCount).toBe(120_000)
  expect(receiver.received.length * 6).toBeLessThanOrEqual(Math.ceil(bytes / 1_000_000))
  expect(Math.max(...receiver.received.map(({ wireBytes }) => wireBytes))).toBeLessThanOrEqual(1_048_576)
})

test('retries end after maxRetries, and the last answer is the cause', async () => {
  emulator.answerNext({ status: 503, times: 3 })
  const client = open({ retryOptions: { maxRetries: 2, retryDelayInMs: 0 } })
  const error = await failureOf(client.upload(emulator.ruleId, STREAM, rowsOf(10)))
  expect(emulator.requests()).toHaveLength(3)
  expect(error.errors[0]?.cause).toMatchObject({ code: 'AZLOGS_UNAVAILABLE', statusCode: 503 })
  expect(error.result).toMatchObject({ acceptedCount: 0, failedCount: 10, requestCount: 3, retryCount: 2 })
})

test.each([
  [405, 'AZLOGS_REJECTED'],
  [403, 'AZLOGS_FORBIDDEN'],
  [404, 'AZLOGS_NOT_FOUND'],
  [415, 'AZLOGS_REJECTED'],
])('%i fails the batch at once', async (status, code) => {
  emulator.answerNext({ status, body: { error: { code: 'SomeCode', message: 'Some text.' } } })
  const logs = rowsOf(10)
  const error = await failureOf(open().upload(emulator.ruleId, STREAM, logs))
  expect(emulator.requests()).toHaveLength(1)
  expect(error.errors).toHaveLength(1)
  const [failure] = error.errors
  expect(failure?.cause).toMatchObject({ code, statusCode: status, serviceCode: 'SomeCode' })
  expect(failure?.failedLogs).toEqual(logs)
  expect(failure?.indices).toEqual(logs.map((_, index) => index))
  expect(Reflect.get(failure?.cause ?? {}, 'clientRequestId')).toBe(
    emulator.requests()[0]?.headers['x-ms-client-request-id'],
  )
})

test('a redirect is not followed', async () => {
  const elsewhere = await startReceiver()
  for (const status of [301, 302, 303, 307, 308]) {
    emulator.answerNext({ status, headers: { location: `${elsewhere.url}/stolen` } })
    const error = await failureOf(open().upload(emulator.ruleId, STREAM, rowsOf(1)))
    expect(error.errors[0]?.cause).toMatchObject({ code: 'AZLOGS_REDIRECTED', statusCode: status })
  }
  expect(elsewhere.received).toEqual([])
})

test('one batch that fails does not keep the others from being accepted', async () => {
  emulator.answerNext({ status: 415 })
  const logs = rowsOf(100)
  const error = await failureOf(
    open({ maxBatchBytes: 1000 }).upload(emulator.ruleId, STREAM, logs, { maxConcurrency: 1 }),
  )
  expect(error).toBeInstanceOf(AggregateLogsUploadError)
  const failed = error.errors[0]?.failedLogs ?? []
  expect(messages(emulator.rows())).toEqual(messages(logs.slice(failed.length)))
  expect(failed).toEqual(logs.slice(0, failed.length))
  expect(error.message).toBe(
    `${failed.length} of 100 records were not accepted: ${failed.length} × The ingestion endpoint answered 415`,
  )
})

test('with onError, upload() resolves with the counts', async () => {
  emulator.answerNext({ status: 415 }, { status: 204 }, { status: 405 })
  const failures: LogsUploadFailure[] = []
  const client = open({ maxBatchBytes: 1000 })
  const result = await client.upload(emulator.ruleId, STREAM, rowsOf(50), {
    maxConcurrency: 1,
    async onError(failure) {
      await setImmediate()
      failures.push(failure)
    },
  })
  expect(failures.map(({ cause }) => Reflect.get(cause, 'statusCode'))).toEqual([415, 405])
  const failed = failures.flatMap(({ indices }) => indices).length
  expect(result).toMatchObject({ acceptedCount: 50 - failed, failedCount: failed })
})

test('onProgress is told after each batch, and at last what the result says', async () => {
  const told: UploadProgress[] = []
  emulator.answerNext({ status: 415 })
  const result = await open({ maxBatchBytes: 1000 }).upload(emulator.ruleId, STREAM, rowsOf(50), {
    onError: () => {},
    onProgress: (progress) => void told.push(progress),
  })
  expect(told).toHaveLength(result.requestCount)
  expect(told.at(-1)).toEqual(result)
  const counts = told.map(({ acceptedCount, failedCount }) => acceptedCount + failedCount)
  expect(counts).toEqual([...counts].sort((a, b) => a - b))
})

test('onAccepted is told the numbers of the records that were accepted, each once', async () => {
  const told: number[] = []
  emulator.answerNext({ status: 415 })
  const failed: number[] = []
  await open({ maxBatchBytes: 1000 }).upload(emulator.ruleId, STREAM, rowsOf(50), {
    onError: ({ indices }) => void failed.push(...indices),
    onAccepted: (indices) => void told.push(...indices),
  })
  expect(failed).not.toHaveLength(0)
  expect([...told, ...failed].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n))
})

test.each(['onError', 'onAccepted', 'onProgress'] as const)(
  'when %s throws, no new request leaves and its error surfaces',
  async (name) => {
    const unhandled = vi.fn<() => void>()
    process.on('unhandledRejection', unhandled)
    onTestFinished(() => void process.off('unhandledRejection', unhandled))
    for (const raise of [
      () => {
        throw new Error('callback')
      },
      () => Promise.reject(new Error('callback')),
      // As callbacks in JavaScript may.
      () => Promise.reject('callback'),
    ]) {
      emulator.clear()
      if (name !== 'onAccepted') emulator.answerNext({ status: 415, times: 3 })
      let calls = 0
      const upload = open({ maxBatchBytes: 1000 }).upload(emulator.ruleId, STREAM, rowsOf(1000), {
        maxConcurrency: 3,
        [name]: () => {
          calls += 1
          return raise()
        },
      })
      await expect(upload).rejects.toThrow('callback')
      expect(calls).toBe(1)
      expect(emulator.requests().length).toBeLessThanOrEqual(5)
      // The answer to every request that left has been awaited.
      for (const { outcome } of emulator.requests()) expect(outcome).toBe('answered')
    }
    await setImmediate()
    expect(unhandled).not.toHaveBeenCalled()
  },
)

test('a signal that has fired already means no request, and every record reported', async () => {
  const logs = rowsOf(1000)
  const abortSignal = AbortSignal.abort()
  for (const source of [logs, new Set(logs)]) {
    const error = await failureOf(
      open({ maxBatchBytes: 1000 }).upload(emulator.ruleId, STREAM, source, { abortSignal }),
    )
    expect(error.errors.flatMap(({ failedLogs }) => failedLogs)).toEqual(logs)
    expect(error.errors.flatMap(({ indices }) => indices)).toEqual(logs.map((_, index) => index))
    for (const { cause } of error.errors) expect(cause).toMatchObject({ code: 'AZLOGS_ABORTED' })
    expect(error.message).toContain('1,000 of 1,000 records were not accepted')
  }
  const next = vi.fn<() => IteratorResult<object>>(() => ({ done: true, value: undefined }))
  const lazy = { [Symbol.iterator]: () => ({ next }) }
  const error = await failureOf(open().upload(emulator.ruleId, STREAM, lazy, { abortSignal }))
  expect(error.message).toContain('nothing was read from record 0 on')
  expect(next).not.toHaveBeenCalled()
  expect(emulator.requests()).toEqual([])
})

test('an abort in the middle reports every record of an array that was not accepted', async () => {
  const controller = new AbortController()
  const receiver = await startReceiver((response) => {
    if (receiver.received.length <= 3) response.writeHead(204).end()
    else controller.abort()
  })
  const logs = rowsOf(1000)
  const upload = open({ maxBatchBytes: 1000 }, receiver.url).upload(RULE_ID, STREAM, logs, {
    maxConcurrency: 2,
    abortSignal: controller.signal,
  })
  const error = await failureOf(upload)
  const accepted = receiver.received.slice(0, 3).flatMap(({ rows }) => rows)
  const failed = error.errors.flatMap(({ failedLogs }) => failedLogs)
  expect(error.result).toMatchObject({ acceptedCount: 1000 - failed.length, failedCount: failed.length })
  expect(new Set([...messages(accepted), ...messages(failed)])).toEqual(new Set(messages(logs)))
  for (const { failedLogs, indices, cause } of error.errors) {
    expect(indices.map((index) => logs[index])).toEqual(failedLogs)
    expect(cause).toMatchObject({ code: 'AZLOGS_ABORTED' })
  }
})

test('an abort in the middle of a lazy source reports what was read, and from where on nothing was', async () => {
  const controller = new AbortController()
  const receiver = await startReceiver(() => controller.abort())
  let pulled = 0
  let returned = false
  function* source(): Generator<object> {
    try {
      for (;;) yield { n: String((pulled += 1)).padStart(4, '0') }
    } finally {
      returned = true
    }
  }
  const failures: LogsUploadFailure[] = []
  const result = await open({ maxBatchBytes: 131 }, receiver.url).upload(RULE_ID, STREAM, source(), {
    maxConcurrency: 1,
    abortSignal: controller.signal,
    onError: (failure) => void failures.push(failure),
  })
  expect(result).toMatchObject({ acceptedCount: 0, failedCount: pulled })
  expect(failures.flatMap(({ failedLogs }) => failedLogs)).toHaveLength(pulled)
  expect(failures.at(-1)?.cause.message).toContain(`nothing was read from record ${pulled} on`)
  expect(returned).toBe(true)
})

test('an abort ends an upload whose source never gives anything', async () => {
  const controller = new AbortController()
  const returned = vi.fn<() => Promise<IteratorResult<object>>>(async () => ({
    done: true,
    value: undefined,
  }))
  let waiting: (() => void) | undefined
  const reading = new Promise<void>((resolve) => {
    waiting = resolve
  })
  const source: AsyncIterable<object> = {
    [Symbol.asyncIterator]: () => ({
      next() {
        waiting?.()
        return new Promise(() => {})
      },
      return: returned,
    }),
  }
  const upload = open().upload(emulator.ruleId, STREAM, source, { abortSignal: controller.signal })
  await reading
  controller.abort()
  expect((await failureOf(upload)).message).toContain('nothing was read from record 0 on')
  expect(returned).toHaveBeenCalledTimes(1)
})

test('an abort ends a wait for a retry, and one for a token', async () => {
  emulator.answerNext({ status: 503, headers: { 'retry-after': '600' } })
  const retrying = new AbortController()
  const upload = open().upload(emulator.ruleId, STREAM, rowsOf(1), { abortSignal: retrying.signal })
  await emulator.waitForRequests(1)
  retrying.abort()
  const error = await failureOf(upload)
  expect(error.errors[0]?.cause).toMatchObject({ code: 'AZLOGS_ABORTED' })

  const asking = new AbortController()
  const silent = { getToken: () => (asking.abort(), new Promise<never>(() => {})) }
  const client = new LogsIngestionClient(emulator.url, silent)
  const second = await failureOf(
    client.upload(emulator.ruleId, STREAM, rowsOf(1), { abortSignal: asking.signal }),
  )
  expect(second.errors[0]?.cause).toMatchObject({ code: 'AZLOGS_ABORTED' })
})

test('close() ends uploads under way, which report what was not accepted; then nothing can be uploaded', async () => {
  const receiver = await startReceiver(() => {})
  const client = open({ maxBatchBytes: 1000 }, receiver.url)
  const upload = failureOf(client.upload(RULE_ID, STREAM, rowsOf(1000)))
  await receiver.arrived(1)
  await Promise.all([client.close(), client.close()])
  const error = await upload
  expect(error.errors.flatMap(({ failedLogs }) => failedLogs)).toHaveLength(1000)
  await expect(client.upload(RULE_ID, STREAM, [])).rejects.toMatchObject({ code: 'AZLOGS_CLOSED' })
  await client[Symbol.asyncDispose]()
})

test('close() can be awaited inside onError', async () => {
  const receiver = await startReceiver((response) => void response.writeHead(415).end())
  const client = open({ maxBatchBytes: 100 }, receiver.url)
  const result = await client.upload(RULE_ID, STREAM, rowsOf(10), { onError: () => client.close() })
  expect(result.failedCount).toBe(10)
})

test('a refused token is replaced once and the batch sent again', async () => {
  emulator.answerNext({ status: 401 })
  const getToken = vi.fn<typeof emulator.credential.getToken>((scopes) =>
    emulator.credential.getToken(scopes),
  )
  const client = new LogsIngestionClient(emulator.url, { getToken })
  expect(await client.upload(emulator.ruleId, STREAM, rowsOf(1))).toMatchObject({
    acceptedCount: 1,
    requestCount: 2,
    retryCount: 0,
  })
  expect(getToken).toHaveBeenCalledTimes(2)
})

test('a credential that gives no token fails every batch at once, without a request', async () => {
  const getToken = vi.fn<() => Promise<never>>(() => Promise.reject(new Error('no identity here')))
  const client = new LogsIngestionClient(emulator.url, { getToken })
  const error = await failureOf(client.upload(emulator.ruleId, STREAM, rowsOf(10)))
  expect(error.errors[0]?.cause).toMatchObject({ code: 'AZLOGS_TOKEN' })
  expect(error.message).toContain('no identity here')
  expect(getToken).toHaveBeenCalledTimes(1)
  expect(emulator.requests()).toEqual([])
})

test.each([
  [{}, ['https://monitor.azure.com/.default']],
  [{ audience: KnownMonitorAudience.AzureGovernment }, ['https://monitor.azure.us/.default']],
  [{ audience: 'https://monitor.azure.us/.default' }, ['https://monitor.azure.us/.default']],
  [{ credentialScopes: 'https://monitor.azure.com//.default' }, ['https://monitor.azure.com//.default']],
  [{ credentialScopes: ['a', 'b/.default'], audience: 'c' }, ['a', 'b/.default']],
])('with %j the credential is asked for %j', async (options, scopes) => {
  const getToken = vi.fn<typeof emulator.credential.getToken>(() => emulator.credential.getToken(scopes))
  const client = new LogsIngestionClient(
    emulator.url,
    { getToken },
    { ...options, retryOptions: { maxRetries: 0 } },
  )
  await client.upload(emulator.ruleId, STREAM, rowsOf(1), { onError: () => {} })
  expect(getToken.mock.calls[0]?.[0]).toEqual(scopes)
})

test.each([
  ['https://a.westeurope-1.ingest.monitor.azure.us', 'https://monitor.azure.us/.default'],
  ['https://a.chinanorth-1.ingest.monitor.azure.cn', 'https://monitor.azure.cn/.default'],
])('%s asks for a token of its cloud', async (endpoint, scope) => {
  const getToken = vi.fn<(scopes: string | string[]) => Promise<never>>(() =>
    Promise.reject(new Error('enough')),
  )
  const client = new LogsIngestionClient(endpoint, { getToken })
  await failureOf(client.upload(RULE_ID, STREAM, rowsOf(1)))
  expect(getToken.mock.calls[0]?.[0]).toEqual([scope])
})

test('a managed identity of @azure/identity uploads, as an object and as a description', async () => {
  for (const [name, value] of Object.entries(emulator.env)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  const { acceptedCount } = await new LogsIngestionClient(
    emulator.url,
    new ManagedIdentityCredential(),
  ).upload(emulator.ruleId, STREAM, rowsOf(1))
  expect(acceptedCount).toBe(1)
  const described = new LogsIngestionClient(emulator.url, { kind: 'managed-identity' })
  await described.upload(emulator.ruleId, STREAM, rowsOf(1, 1))
  expect(emulator.rows()).toHaveLength(2)
})

test('the constructor lists every problem in one error', () => {
  let error: unknown
  try {
    new LogsIngestionClient('dcr-1', { kind: 'nobody' } as never, {
      gzipLevel: 10,
      maxBatchBytes: 0,
      requestTimeoutMs: Number.NaN,
      retryOptions: { maxRetries: -1 },
    })
  } catch (thrown) {
    error = thrown
  }
  expect(isAzlogsError(error)).toBe(true)
  expect(error).toMatchObject({ code: 'AZLOGS_CONFIG' })
  for (const name of [
    'endpoint',
    'credential',
    'gzipLevel',
    'maxBatchBytes',
    'requestTimeoutMs',
    'maxRetries',
  ]) {
    expect(Reflect.get(error as object, 'problems')).toContainEqual(expect.stringContaining(name))
  }
})

test('upload() lists every problem with its arguments and sends nothing', async () => {
  for (const maxConcurrency of [0, -1, 1.5, Number.NaN, '5' as never]) {
    const upload = open().upload('', 'AppLogs_CL', rowsOf(1), { maxConcurrency, onError: {} as never })
    await expect(upload).rejects.toMatchObject({
      code: 'AZLOGS_CONFIG',
      problems: [
        expect.stringContaining('maxConcurrency'),
        expect.stringContaining('ruleId is missing.'),
        expect.stringContaining('Did you mean "Custom-AppLogs_CL"?'),
        'onError is of type object; it must be a function.',
      ],
    })
  }
  expect(emulator.requests()).toEqual([])
})

test('fifty requests at once on one signal cause no warning', async () => {
  const warned = vi.fn<(warning: Error) => void>()
  process.on('warning', warned)
  onTestFinished(() => void process.off('warning', warned))
  const receiver = await startReceiver()
  await open({ maxBatchBytes: 100 }, receiver.url).upload(RULE_ID, STREAM, rowsOf(200), {
    maxConcurrency: 50,
    abortSignal: new AbortController().signal,
  })
  await setImmediate()
  expect(warned).not.toHaveBeenCalled()
})

test('an upload leaves no listener on the signal that it was given', async () => {
  const { signal } = new AbortController()
  const added = vi.spyOn(signal, 'addEventListener')
  const removed = vi.spyOn(signal, 'removeEventListener')
  await open().upload(emulator.ruleId, STREAM, rowsOf(1), { abortSignal: signal })
  expect(added).toHaveBeenCalled()
  expect(removed).toHaveBeenCalledTimes(added.mock.calls.length)
})
