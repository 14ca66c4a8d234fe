import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { run } from '../../src/run.ts'
import { packInto } from '../../src/tarballs.ts'
import type { Tarball } from '../../src/tarballs.ts'

/** A folder as a user has it: our five tarballs and their hosts, installed with npm. */
export interface Consumer {
  readonly folder: string
  readonly tarballs: readonly Tarball[]
  /** The Node.js binaries by major version. */
  readonly nodes: ReadonlyMap<number, string>
  /** Writes files, by their paths in the folder. */
  readonly write: (files: Readonly<Record<string, string>>) => Promise<void>
  remove(): Promise<void>
}

export const NODE_VERSIONS = [22, 24, 26] as const

const INSTALLED = [
  'pino@10',
  'winston@3',
  '@types/node@22',
  // The plugin is not yet for a newer one.
  'esbuild@0.25.8',
  'esbuild-plugin-pino@2',
]

/** One installation for everything that is tried on the packed packages. */
export async function createConsumer(): Promise<Consumer> {
  const folder = await mkdtemp(join(tmpdir(), 'azlogs-dist-'))
  const nodes = Promise.all(NODE_VERSIONS.map(async (major) => [major, await nodeBinary(major)] as const))
  const tarballs = await packInto(folder)
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  await run(
    'npm',
    [
      'install',
      '--no-audit',
      '--no-fund',
      // Hosts are named above; npm would add its own choice of the optional ones.
      '--legacy-peer-deps',
      ...tarballs.map(({ path }) => path),
      ...INSTALLED,
    ],
    folder,
  )
  // Its matchers extend vitest’s own types.
  await symlink(new URL('../../node_modules/vitest', import.meta.url), join(folder, 'node_modules/vitest'))
  return {
    folder,
    tarballs,
    nodes: new Map(await nodes),
    async write(files) {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true })
        await writeFile(join(folder, path), text)
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

async function nodeBinary(major: number): Promise<string> {
  const path = await run('npx', ['-y', '-p', `node@${major}`, 'node', '-p', 'process.execPath'], tmpdir())
  return path.trim()
}
