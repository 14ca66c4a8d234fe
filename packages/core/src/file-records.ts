import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { pipeline, Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'

import { AzlogsError, messageOf } from './errors.ts'
import type { FilePosition } from './errors.ts'
import { createJsonTextScanner } from './json-text-scanner.ts'
import { flawOf } from './record-flaw.ts'
import { MAX_INFLATED_BYTES } from './service.ts'
import type { BatchSource, Batcher, Unread } from './upload-batch.ts'

/** What `uploadFile` reads: the path of a file, its `file:` URL, or a stream of its bytes. */
export type UploadFileInput = string | URL | Readable | AsyncIterable<Uint8Array | string>

/** Bytes that are looked at in one go: small enough not to hold up the application, large enough for speed. */
const CHUNK_BYTES = 256 * 1024

/**
 * The records of a JSON array or of NDJSON, plain or gzipped, as a source of batches. They keep the bytes that they have
 * in the file, so that numbers of any size arrive as they are; each is parsed once, to see that it is an object.
 *
 * @throws TypeError when `input` is neither a path nor a stream.
 */
export function readFile(input: unknown, batcher: Batcher): BatchSource {
  const { chunks, close } = openText(input)
  let count = 0
  let ended = false

  const scanner = createJsonTextScanner(
    {
      record(bytes, byteOffset, line) {
        const index = count
        count += 1
        const flaw = bytes === undefined ? undefined : flawOf(bytes)
        if (bytes !== undefined && flaw === undefined) return batcher.add(bytes, index, undefined)
        const position: FilePosition = { index, byteOffset, ...(line === undefined ? {} : { line }) }
        batcher.fail(flaw === undefined ? tooLarge(position) : malformed(position, flaw), index, undefined)
      },
    },
    MAX_INFLATED_BYTES - 2,
  )

  function end(): void {
    ended = true
    batcher.seal()
    close()
  }

  return {
    async fill() {
      // Between two chunks the application, and the answers that have come in, get their turn.
      await setImmediate()
      try {
        while (!ended && !batcher.ready) {
          const step = await chunks.next()
          if (ended) return
          if (step.done === true) {
            scanner.end()
            end()
          } else scanner.push(step.value)
        }
      } catch (error) {
        if (!ended) end()
        throw explained(error, input)
      }
    },
    take: () => batcher.take(),
    get ended() {
      return ended
    },
    abandon(): Unread | undefined {
      if (ended) return undefined
      end()
      return { from: count, logs: undefined }
    },
  }
}

/** The bytes of a file that is being read, decompressed where they are gzip. */
export interface OpenText {
  /** Each is valid until the next is asked for: files are read into the same memory again and again. */
  readonly chunks: AsyncGenerator<Buffer, void>
  /** Ends reading. */
  readonly close: () => void
}

/** @throws TypeError when `input` is neither a path nor a stream. */
export function openText(input: unknown): OpenText {
  if (typeof input === 'string' || input instanceof URL) {
    const chunks = inflated(bytesOfFile(input))
    return { chunks, close: () => void chunks.return().catch(() => {}) }
  }
  const stream = opened(input)
  // An error is met when the stream is read; without a listener, one that comes earlier would end the process.
  stream.on('error', () => {})
  return { chunks: inflated(bytesOfStream(stream)), close: () => void stream.destroy() }
}

function opened(input: unknown): Readable {
  if (input instanceof Readable) return input
  if (typeof input === 'object' && input !== null && Symbol.asyncIterator in input) {
    return Readable.from(input as AsyncIterable<unknown>)
  }
  throw new TypeError(
    'uploadFile reads the path of a file, a file: URL, or a stream of bytes. For objects there is upload().',
  )
}

async function* inflated(chunks: AsyncGenerator<Buffer, void>): AsyncGenerator<Buffer, void> {
  let head: Buffer = Buffer.alloc(0)
  while (head.length < 2) {
    const step = await chunks.next()
    if (step.done === true) break
    head = Buffer.concat([head, step.value])
  }
  if (head[0] === 0x1f && head[1] === 0x8b) {
    const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
    // Whatever fails on the way comes out of `gunzip`, which is read below.
    pipeline(Readable.from(copies(joined(head, chunks))), gunzip, () => {})
    for await (const chunk of gunzip) yield chunk as Buffer
  } else yield* joined(head, chunks)
}

/** For who asks for the next chunk while the last one still waits. */
async function* copies(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  for await (const chunk of chunks) yield Buffer.from(chunk)
}

async function* joined(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  yield head
  yield* rest
}

/** Reads into two buffers in turn: one is filled while the other is looked at. */
async function* bytesOfFile(path: string | URL): AsyncGenerator<Buffer, void> {
  const handle = await open(path)
  let reading = readInto(Buffer.allocUnsafeSlow(CHUNK_BYTES), handle)
  let spare: Buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  try {
    for (;;) {
      const { buffer, bytesRead } = await reading
      if (bytesRead === 0) return
      reading = readInto(spare, handle)
      yield buffer.subarray(0, bytesRead)
      spare = buffer
    }
  } finally {
    await reading.catch(() => {})
    await handle.close()
  }
}

function readInto(buffer: Buffer, handle: FileHandle): Promise<{ buffer: Buffer; bytesRead: number }> {
  const reading = handle.read(buffer, 0, buffer.length, null)
  // A failure is met when the chunk is asked for, and that may be later.
  reading.catch(() => {})
  return reading
}

async function* bytesOfStream(stream: Readable): AsyncGenerator<Buffer, void> {
  for await (const chunk of stream) {
    const bytes = asBytes(chunk)
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES)
  }
}

function asBytes(chunk: unknown): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk)
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  throw new TypeError(
    `The stream gave a chunk of type ${typeof chunk}; uploadFile reads bytes or text. For objects there is upload().`,
  )
}

function malformed(position: FilePosition, why: string): AzlogsError {
  return new AzlogsError('AZLOGS_MALFORMED', `${place(position)} cannot be a record: ${why}.`, { position })
}

function tooLarge(position: FilePosition): AzlogsError {
  return new AzlogsError(
    'AZLOGS_RECORD_TOO_LARGE',
    `${place(position)} is more than the 52,428,800 bytes of JSON that one request carries.`,
    { position },
  )
}

function place({ index, line, byteOffset }: FilePosition): string {
  return `${line === undefined ? `Element ${index}` : `Line ${line}`} (byte ${byteOffset})`
}

/** The error of a file with what Node leaves out: that it was the gzip that is damaged, or the path. */
export function explained(error: unknown, input: unknown): unknown {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  if (typeof code === 'string' && code.startsWith('Z_')) {
    return new AzlogsError('AZLOGS_MALFORMED', `The gzip data is damaged: ${messageOf(error)}.`, {
      cause: error,
    })
  }
  if (typeof input !== 'string' && !(input instanceof URL)) return error
  if (error instanceof Error && typeof code === 'string' && code.startsWith('E') && !('path' in error)) {
    const path = input.toString()
    return Object.assign(new Error(`${error.message} '${path}'`, { cause: error }), { code, path })
  }
  return error
}
