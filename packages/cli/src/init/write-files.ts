import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { CliError, fileError } from '../cli-error.ts'
import type { GeneratedFile } from '../generate/generated-file.ts'
import { LOCK_FILE } from '../schema/lock.ts'

/** What writing a file would do. `ours`: it is there as azlogs wrote it before, and nobody has changed it since. */
type FileState = 'new' | 'same' | 'ours' | 'different'

export interface PlannedFile {
  readonly file: GeneratedFile
  readonly state: FileState
}

/** Compares with what is there. `previous` are the files as azlogs would have written them last time. */
export async function planFiles(
  folder: string,
  files: readonly GeneratedFile[],
  previous: readonly GeneratedFile[] = [],
): Promise<readonly PlannedFile[]> {
  const before = new Map(previous.map(({ path, text }) => [path, text]))
  return Promise.all(
    files.map(async (file) => {
      const present = await readText(join(folder, file.path))
      return { file, state: stateOf(file, present, before.get(file.path)) }
    }),
  )
}

/** Asked once, about all files that are in the way. */
export type MayOverwrite = (paths: readonly string[]) => Promise<boolean>

/**
 * Writes all or, when files are in the way that must not be overwritten, none.
 *
 * @throws CliError `AZL2002` for files in the way, `AZL1002` for a file that cannot be written.
 */
export async function writeFiles(
  folder: string,
  planned: readonly PlannedFile[],
  mayOverwrite: MayOverwrite,
): Promise<void> {
  const inTheWay = planned.filter(({ state }) => state === 'different').map(({ file }) => file.path)
  if (inTheWay.length > 0 && !(await mayOverwrite(inTheWay))) {
    throw new CliError('AZL2002', `Nothing was written: ${inTheWay.join(', ')} would be overwritten.`, {
      remedy: inTheWay.includes(LOCK_FILE)
        ? 'Add to the schema that is there with azlogs init --update, overwrite with --force, or write elsewhere with --out.'
        : 'Overwrite with --force, or write elsewhere with --out.',
    })
  }
  for (const { file, state } of planned) {
    if (state !== 'same') await writeOne(join(folder, file.path), file, state)
  }
}

const VERB = { new: 'write', same: 'keep', ours: 'update', different: 'overwrite' } as const

/** What was done, or with `written: false` would be done, one line a file. */
export function fileLines(planned: readonly PlannedFile[], written: boolean): readonly string[] {
  return planned.map(({ file, state }) => `${written ? '' : 'would '}${VERB[state]} ${file.path}`)
}

async function writeOne(path: string, file: GeneratedFile, state: FileState): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, file.text, { flag: state === 'new' ? 'wx' : 'w' })
    if (file.executable === true) await chmod(path, 0o755)
  } catch (error) {
    throw fileError(path, error)
  }
}

function stateOf(file: GeneratedFile, present: string | undefined, before: string | undefined): FileState {
  if (present === undefined) return 'new'
  if (present === file.text) return 'same'
  return present === before ? 'ours' : 'different'
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw fileError(path, error)
  }
}
