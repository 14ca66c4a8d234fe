import { createWriteStream, existsSync } from 'node:fs'
import type { WriteStream } from 'node:fs'
import { once } from 'node:events'
import { finished } from 'node:stream/promises'

import { CliError } from '../cli-error.ts'

/** The file that refused records go to, as rows, one a line: `azlogs send` takes it again. Made when the first one comes. */
export interface FailedRecords {
  write(rows: readonly object[]): Promise<void>
  /** Resolves when all is on disk. */
  close(): Promise<void>
  readonly count: number
}

/**
 * @param goesOn whether the file may exist, from the part of the upload that went before.
 * @throws CliError `AZL4002` when it exists and may not.
 */
export function openFailedRecords(path: string, goesOn: boolean): FailedRecords {
  if (!goesOn && existsSync(path)) {
    throw new CliError('AZL4002', `${path} exists already; it holds what another upload could not send.`, {
      remedy: 'Send or remove it, or name another place with --failed.',
      exitCode: 2,
    })
  }
  let stream: WriteStream | undefined
  let count = 0
  return {
    async write(rows) {
      stream ??= createWriteStream(path, { flags: 'a', mode: 0o600 })
      count += rows.length
      const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
      if (!stream.write(text)) await once(stream, 'drain')
    },
    async close() {
      if (stream === undefined) return
      stream.end()
      await finished(stream)
    },
    get count() {
      return count
    },
  }
}
