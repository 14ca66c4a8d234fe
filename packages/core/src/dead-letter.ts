import { constants } from 'node:fs'
import { join } from 'node:path'

import type { AzlogsError } from './errors.ts'
import { NO_FOLLOW } from './spool-fs.ts'
import type { SpoolFs } from './spool-fs.ts'

/** A file for records that the service will never take. */
export interface DeadLetters {
  /**
   * Appends records with what the service said.
   *
   * @returns the file
   * @throws NodeJS.ErrnoException when they cannot be written
   */
  add(records: readonly string[], error: AzlogsError): string
}

/** Folder of the dead letters in a spool directory. */
const DEAD_LETTER_FOLDER = 'dead-letter'

/** Size of a file at which it takes the place of the one before it, in bytes: two are kept for each instance. */
const MAX_FILE_BYTES = 33_554_432

const { O_APPEND, O_CREAT, O_WRONLY } = constants

/** @param name the instance's: no two write to one file */
export function createDeadLetters(
  fs: SpoolFs,
  directory: string,
  stream: string,
  name: () => string,
): DeadLetters {
  return {
    add(records, error) {
      const folder = join(directory, DEAD_LETTER_FOLDER)
      fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
      const path = join(folder, `${name()}.ndjson`)
      const time = new Date().toISOString()
      const { code, statusCode, serviceCode, responseBody, clientRequestId } = error
      const facts = { time, stream, code, statusCode, serviceCode, responseBody, clientRequestId }
      const lines = records.map((record) => `${JSON.stringify({ ...facts, record: readable(record) })}\n`)
      const bytes = Buffer.from(lines.join(''))
      const fd = fs.openSync(path, O_APPEND | O_CREAT | NO_FOLLOW | O_WRONLY, 0o600)
      let size: number
      try {
        size = fs.fstatSync(fd).size
        let written = 0
        while (written < bytes.length) written += fs.writeSync(fd, bytes, written, bytes.length - written)
      } finally {
        fs.closeSync(fd)
      }
      if (size + bytes.length <= MAX_FILE_BYTES) return path
      const aside = join(folder, `${name()}.1.ndjson`)
      fs.renameSync(path, aside)
      return aside
    },
  }
}

/** The record as it was, so that the file can be sent again; what is no JSON stays text. */
function readable(record: string): unknown {
  try {
    return JSON.parse(record)
  } catch {
    return record
  }
}
