import { closeSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs'

import type { Service, Upload } from './services.ts'

/** Bodies in a file: gigabytes of them are no load for the memory of the receiver. */
export interface BodyFile {
  append(service: Service, chunks: readonly Buffer[], gzipped: boolean): void
  /** What was appended, read back one after the other. */
  uploads(): Generator<Upload>
  clear(): void
  /** Removes the file. */
  remove(): void
}

interface Entry {
  readonly service: Service
  readonly gzipped: boolean
  readonly position: number
  readonly length: number
}

export function createBodyFile(path: string): BodyFile {
  const file = openSync(path, 'w+')
  let entries: Entry[] = []
  let end = 0

  return {
    append(service, chunks, gzipped) {
      const position = end
      for (const chunk of chunks) end += writeSync(file, chunk, 0, chunk.length, end)
      entries.push({ service, gzipped, position, length: end - position })
    },
    *uploads() {
      for (const { service, gzipped, position, length } of entries) {
        const body = Buffer.allocUnsafe(length)
        readSync(file, body, 0, length, position)
        yield { service, gzipped, body }
      }
    },
    clear() {
      entries = []
      end = 0
      ftruncateSync(file)
    },
    remove() {
      closeSync(file)
      rmSync(path)
    },
  }
}
