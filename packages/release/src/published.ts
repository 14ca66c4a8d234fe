import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** The packages on npm, by their folders in `packages/`: in one group of versions, each may need those before it. */
export const PUBLISHED = ['core', 'winston', 'pino', 'emulator', 'cli'] as const

export type Published = (typeof PUBLISHED)[number]

/** What is read of a package.json. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** A package's folder, as a path. */
export function folderOf(published: Published): string {
  return fileURLToPath(new URL(`../../${published}`, import.meta.url))
}

/** The package.json in the repository; what is published is in the tarball. */
export async function sourceManifest(published: Published): Promise<Manifest> {
  return JSON.parse(await readFile(`${folderOf(published)}/package.json`, 'utf8')) as Manifest
}
