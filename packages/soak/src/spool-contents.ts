import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

import type { NumbersByLife } from './accounts.ts'
import { numbersIn } from './record.ts'

/** What is in the spools of a run. */
export interface SpoolContents {
  /** Records that wait in files. */
  readonly waiting: NumbersByLife
  /** Records among the dead letters. */
  readonly refused: NumbersByLife
}

export interface SpoolSize {
  readonly files: number
  readonly bytes: number
}

/** Reads every file below `root`. Processes may move and remove files meanwhile: what is missing in one look may be there in the next. */
export async function readSpools(root: string): Promise<SpoolContents> {
  const waiting = new Map<string, Set<number>>()
  const refused = new Map<string, Set<number>>()
  for (const path of await pathsBelow(root)) {
    const target = path.endsWith('.spool') ? waiting : path.endsWith('.ndjson') ? refused : undefined
    if (target === undefined) continue
    const text = await readFile(path, 'latin1').catch(() => '')
    for (const { life, n } of numbersIn(text)) {
      const known = target.get(life)
      if (known === undefined) target.set(life, new Set([n]))
      else known.add(n)
    }
  }
  return { waiting, refused }
}

export async function spoolSize(root: string): Promise<SpoolSize> {
  let files = 0
  let bytes = 0
  for (const path of await pathsBelow(root)) {
    if (!path.endsWith('.spool')) continue
    files += 1
    bytes += await stat(path).then(
      ({ size }) => size,
      () => 0,
    )
  }
  return { files, bytes }
}

/** A directory that goes while this looks is empty, and costs the others nothing. */
async function pathsBelow(directory: string): Promise<readonly string[]> {
  const paths: string[] = []
  for (const entry of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) paths.push(...(await pathsBelow(path)))
    else paths.push(path)
  }
  return paths
}
