import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

import { fileError } from '../cli-error.ts'

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])

/** A JSON array is read whole; no sample is larger than this. */
const MAX_ARRAY_CHARACTERS = 256 * 1024 * 1024

/**
 * The lines of a file: plain or gzipped NDJSON, or a JSON array, one element a line; told apart by content and not by
 * name.
 *
 * @throws CliError `AZL1002` when the file cannot be read.
 */
export async function* linesOfFile(path: string): AsyncGenerator<string> {
  const file = createReadStream(path)
  try {
    let array: string[] | undefined
    let isFirst = true
    let length = 0
    for await (const line of linesOf(await unzipped(file))) {
      if (isFirst && line.trim() !== '') {
        isFirst = false
        if (line.trimStart().startsWith('[')) array = []
      }
      if (array === undefined) {
        yield line
        continue
      }
      array.push(line)
      length += line.length
      if (length > MAX_ARRAY_CHARACTERS)
        throw new Error('too large for a JSON array; write one object a line')
    }
    if (array !== undefined) yield* elementsOf(array.join('\n'))
  } catch (error) {
    throw fileError(path, error)
  } finally {
    file.destroy()
  }
}

function* elementsOf(text: string): Generator<string> {
  const elements: unknown = JSON.parse(text)
  if (!Array.isArray(elements)) throw new Error('a JSON array was expected')
  for (const element of elements) yield JSON.stringify(element)
}

/** Unlike readline, it passes on what goes wrong with its input. */
async function* linesOf(input: Readable): AsyncGenerator<string> {
  input.setEncoding('utf8')
  let rest = ''
  let isStart = true
  for await (const chunk of input as AsyncIterable<string>) {
    const text = isStart ? chunk.replace(/^\uFEFF/, '') : chunk
    isStart = false
    const lines = (rest + text).split('\n')
    rest = lines.pop() as string
    yield* lines
  }
  if (rest !== '') yield rest
}

async function unzipped(input: Readable): Promise<Readable> {
  const head = await new Promise<Buffer | null>((resolve, reject) => {
    input.once('error', reject)
    input.once('readable', () => resolve(input.read() as Buffer | null))
  })
  if (head === null) return input
  input.unshift(head)
  if (!head.subarray(0, 2).equals(GZIP_MAGIC)) return input
  const unzip = createGunzip()
  input.once('error', (error) => unzip.destroy(error))
  return input.pipe(unzip)
}
