import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { rowOf } from './rows.ts'

/** How much is written at once, in rows. */
const CHUNK_ROWS = 1000

/** Writes rows as NDJSON until there are `bytes` of it; gives the number of rows. */
export async function writeRowFile(path: string, bytes: number): Promise<number> {
  let rows = 0
  let written = 0

  function* chunks(): Generator<string> {
    while (written < bytes) {
      const chunk = ndjson(rows, rows + CHUNK_ROWS)
      rows += CHUNK_ROWS
      written += chunk.length
      yield chunk
    }
  }

  await pipeline(Readable.from(chunks()), createWriteStream(path))
  return rows
}

/** Rows `from … to - 1`, a line each. */
function ndjson(from: number, to: number): string {
  let lines = ''
  for (let number = from; number < to; number += 1) lines += `${JSON.stringify(rowOf(number))}\n`
  return lines
}
