import { basename } from 'node:path'

import type { SpoolFileEntry, SpoolInstance } from '@azlogs/core'

import type { Output } from '../output.ts'
import { formatBytes, formatCount } from '../send/numbers.ts'

const STATES: Readonly<Record<SpoolInstance['state'], string>> = {
  alive: 'its process runs and ships it',
  dead: 'its process is gone: the next one of the application takes it over',
  released: 'its process has left it: the next one of the application takes it over',
  unknown: 'of another host or container',
}

/** Prints each instance with its files; `describe` adds what the caller knows about a file. */
export function printInstances<F extends SpoolFileEntry>(
  instances: readonly SpoolInstance<F>[],
  out: Output,
  describe: (file: F) => string,
): void {
  for (const { path, state, host, pid, files, problem } of instances) {
    const who = pid === undefined ? '' : `, pid ${pid}${host === undefined ? '' : ` on ${host}`}`
    out.line(`${basename(path)}  ${problem ?? STATES[state]}${who}`)
    for (const file of files) {
      const { header, bytes } = file
      const what = header === undefined ? '' : `  ${header.created}  ${header.stream} of ${header.rule}`
      const wrong = file.problem === undefined ? '' : out.style('yellow', `  ! ${file.problem}`)
      out.line(`  ${basename(file.path)}  ${formatBytes(bytes)}${what}${describe(file)}${wrong}`)
    }
  }
}

/** All files of a spool in one sentence. */
export function describeTotal(instances: readonly SpoolInstance[]): string {
  const files = instances.flatMap((instance) => instance.files)
  if (files.length === 0) return 'Nothing is waiting.'
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const since = files.flatMap(({ header }) => header?.created ?? []).toSorted()[0]
  return `${formatCount(files.length, 'file')}, ${formatBytes(bytes)}, waiting since ${since ?? 'an unknown time'}`
}
