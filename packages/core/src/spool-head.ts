import { constants } from 'node:fs'

import { createFrameParser } from './spool-frame.ts'
import { NO_FOLLOW, NO_WAITING } from './spool-fs.ts'
import type { SpoolFs } from './spool-fs.ts'
import { parseHeader } from './spool-header.ts'
import type { SpoolHeader } from './spool-header.ts'

/** What can be told of a spool file without reading it. */
export interface SpoolHead {
  /** Undefined when it does not begin with a whole one. */
  readonly header: SpoolHeader | undefined
  /** The size of the file. */
  readonly bytes: number
  /** Whose it is, where there are such users. */
  readonly user: number
  /** Its process died before the header was written: it cannot have rows. */
  readonly empty: boolean
}

/** A header is a few hundred bytes long. */
const HEAD_BYTES = 4096

/** How every header begins, with any digits. */
const BEGINNING = '00000000 00000000 {"azlogs":'

/** @throws NodeJS.ErrnoException when the file cannot be read; `ELOOP` when it is a symbolic link */
export async function headerOf(fs: SpoolFs, path: string): Promise<SpoolHead> {
  const handle = await fs.promises.open(path, constants.O_RDONLY | NO_FOLLOW | NO_WAITING)
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) return { header: undefined, bytes: stats.size, user: stats.uid, empty: false }
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    const head = buffer.subarray(0, bytesRead)
    const header = firstHeader(head)
    const empty = header === undefined && bytesRead === stats.size && isBeginning(head)
    return { header, bytes: stats.size, user: stats.uid, empty }
  } finally {
    await handle.close()
  }
}

function firstHeader(bytes: Buffer): SpoolHeader | undefined {
  let header: SpoolHeader | undefined
  let begun = false
  const parser = createFrameParser({
    frame(json) {
      if (!begun) header = parseHeader(json)
      begun = true
    },
    damaged() {
      begun = true
    },
  })
  parser.push(bytes)
  parser.end()
  return header
}

/** Whether these bytes can be the beginning of a header, and are no more than that. */
function isBeginning(bytes: Buffer): boolean {
  const text = bytes.toString('latin1')
  const start = text.slice(0, BEGINNING.length) + BEGINNING.slice(text.length)
  return (
    !text.includes('\n') && start.slice(0, 18).replaceAll(/[0-9a-f]/g, '0') + start.slice(18) === BEGINNING
  )
}
