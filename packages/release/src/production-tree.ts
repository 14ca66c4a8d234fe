import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { run } from './run.ts'
import { tarballName } from './tarballs.ts'
import type { Tarball } from './tarballs.ts'

/** What npm installs with one published package, as a lock file in a folder of its own. */
export interface ProductionTree {
  readonly tarball: Tarball
  /** Where package.json and package-lock.json are. */
  readonly folder: string
  /** Every package that comes along, as `name@version`, sorted; a name may be there twice. */
  readonly dependencies: readonly string[]
}

/**
 * Has npm resolve what comes along with a package of ours, from the registry as it is now; nothing is downloaded. Our own
 * packages come from their tarballs, which are beside it; the host, which the user has already, is left out.
 */
export async function resolveTree(tarball: Tarball): Promise<ProductionTree> {
  const { manifest, path } = tarball
  const folder = `${path}.tree`
  await mkdir(folder)
  const { scripts: _scripts, devDependencies: _development, peerDependencies: _host, ...kept } = manifest
  const dependencies = { ...manifest.dependencies, ...ourTarballs(manifest.dependencies) }
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...kept, dependencies }))
  await run('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], folder)
  const lock = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as LockFile
  return {
    tarball,
    folder,
    dependencies: Object.entries(lock.packages)
      .filter(([place]) => place !== '')
      .map(([place, { version }]) => `${place.replace(/^.*node_modules\//, '')}@${version}`)
      .sort(),
  }
}

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly version: string }>>
}

/** Ours are beside it, and named alike. */
function ourTarballs(dependencies: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.keys(dependencies)
      .filter((name) => name.startsWith('@azlogs/'))
      .map((name) => [name, `file:../${tarballName(name)}`]),
  )
}
