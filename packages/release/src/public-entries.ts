import { folderOf, PUBLISHED, sourceManifest } from './published.ts'
import type { Published } from './published.ts'

/** What an application may import. */
export interface PublicEntry {
  readonly published: Published
  /** `@azlogs/pino/worker` and the like. */
  readonly specifier: string
  /** The declarations as built. */
  readonly declarations: string
  /** The name of its report in `api/`. */
  readonly report: string
}

/** Entry points that our own packages need of each other. They may change in any release, and say so themselves. */
export const NOT_PUBLIC: ReadonlySet<string> = new Set([
  '@azlogs/core/internal',
  '@azlogs/core/worker',
  '@azlogs/winston/worker',
  '@azlogs/emulator/command',
])

/** Every entry point of every published package that is public. The command line has none: its interface is its output. */
export async function publicEntries(): Promise<readonly PublicEntry[]> {
  const all = await Promise.all(PUBLISHED.map(entriesOf))
  return all.flat().filter(({ specifier }) => !NOT_PUBLIC.has(specifier))
}

async function entriesOf(published: Published): Promise<readonly PublicEntry[]> {
  const { name, publishConfig } = await sourceManifest(published)
  const { exports } = publishConfig as { readonly exports: Readonly<Record<string, string>> }
  return Object.entries(exports)
    .filter(([, file]) => file.endsWith('.mjs'))
    .map(([path, file]) => {
      const specifier = path === '.' ? name : `${name}${path.slice(1)}`
      return {
        published,
        specifier,
        declarations: `${folderOf(published)}/${file.replace(/\.mjs$/, '.d.mts')}`,
        report: `${specifier.replace('@', '').replaceAll('/', '-')}.api.md`,
      }
    })
}
