import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The root of the repository, with a slash at its end. */
export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url))

/** The pages that match, as paths from the root. */
export function pagesOf(...patterns: readonly string[]): readonly string[] {
  return globSync([...patterns], {
    cwd: ROOT,
    exclude: (path) => /(^|\/)(node_modules|dist|coverage|api)$/.test(path),
  }).toSorted()
}
