import { glob, mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { PUBLISHED, sourceManifest } from './published.ts'
import type { Manifest, Published } from './published.ts'
import { run } from './run.ts'

export interface Tarball {
  readonly published: Published
  readonly path: string
  /** The package.json in it: what npm reads. */
  readonly manifest: Manifest
  readonly files: readonly string[]
  /** What its files take, in bytes. */
  readonly unpackedSize: number
}

/**
 * Packs the published packages into a folder, as pnpm would publish them: `workspace:` and `catalog:` versions resolved,
 * `publishConfig` applied. They must have been built.
 */
export async function packInto(folder: string): Promise<readonly Tarball[]> {
  const sources = await Promise.all(PUBLISHED.map(sourceManifest))
  const filters = sources.flatMap(({ name }) => ['--filter', name])
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  await run(
    'npx',
    ['-y', 'pnpm@10.34.9', '--recursive', ...filters, 'pack', '--out', join(folder, '%s.tgz')],
    root,
  )
  return Promise.all(
    PUBLISHED.map((published, index) =>
      unpack(published, join(folder, tarballName(sources[index]?.name ?? published))),
    ),
  )
}

/** As npm names it: no scope, no slash, and no version. */
export function tarballName(name: string): string {
  return `${name.replace('@', '').replace('/', '-')}.tgz`
}

async function unpack(published: Published, path: string): Promise<Tarball> {
  const folder = `${path}.unpacked`
  await mkdir(folder)
  await run('tar', ['-xzf', path, '-C', folder, '--strip-components=1'], folder)
  const sizes = new Map<string, number>()
  for await (const name of glob('**/*', { cwd: folder })) {
    const found = await stat(join(folder, name))
    if (found.isFile()) sizes.set(name, found.size)
  }
  return {
    published,
    path,
    manifest: JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest,
    files: [...sizes.keys()].sort(),
    unpackedSize: [...sizes.values()].reduce((sum, size) => sum + size, 0),
  }
}
