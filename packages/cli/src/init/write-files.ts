import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { fileError } from '../cli-error.ts'
import type { GeneratedFile } from '../generate/generated-file.ts'

/** What writing a file would do. `ours`: it is there as azlogs wrote it before, and nobody has changed it since. */
export type FileState = 'new' | 'same' | 'ours' | 'different'

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

/** @throws CliError `AZL1002` for a file that cannot be written. */
export async function writeFiles(folder: string, planned: readonly PlannedFile[]): Promise<void> {
  for (const { file, state } of planned) {
    if (state === 'same') continue
    const path = join(folder, file.path)
    try {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, file.text, { flag: state === 'new' ? 'wx' : 'w' })
      if (file.executable === true) await chmod(path, 0o755)
    } catch (error) {
      throw fileError(path, error)
    }
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
