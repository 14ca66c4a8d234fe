import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that is gone when it is disposed of, or when the process ends before. */
export interface TemporaryFolder extends Disposable {
  readonly path: string
}

const folders = new Set<string>()

// One for all of them: a bench has many at once.
process.once('exit', () => {
  for (const path of folders) rmSync(path, { recursive: true, force: true })
})

export function createTemporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'azlogs-bench-'))
  folders.add(path)
  return {
    path,
    [Symbol.dispose]() {
      rmSync(path, { recursive: true, force: true })
      folders.delete(path)
    },
  }
}
