import { createRequire } from 'node:module'
import { join } from 'node:path'

import type { Consumer } from './consumer.ts'
import type { Program } from './programs.ts'

export const FORMATS = ['esm', 'cjs'] as const

export type Format = (typeof FORMATS)[number]

/** What a bundle needs beside the program itself. */
export interface BundleOptions {
  /** Transports that `esbuild-plugin-pino` gives files of their own. Without them the plugin is not used. */
  readonly transports?: readonly string[]
  /** More entry points, by their names. */
  readonly entries?: Readonly<Record<string, string>>
}

const EXTENSION = { esm: '.mjs', cjs: '.cjs' } as const

/** What every esbuild bundle of CommonJS packages needs where its own format is ESM. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

interface Esbuild {
  build(options: object): Promise<{ readonly warnings: readonly object[] }>
}

/**
 * Bundles a program with everything that it imports, and returns the place of the bundle.
 *
 * @throws {Error} when esbuild fails or warns.
 */
export async function bundle(
  { folder }: Consumer,
  program: Program,
  format: Format,
  { transports, entries = {} }: BundleOptions = {},
): Promise<string> {
  const require = createRequire(join(folder, 'package.json'))
  const esbuild = require('esbuild') as Esbuild
  // By its file: its form for ESM, which the conditions of our test runner would choose, uses a `require` that is not there.
  const plugin = require(join(folder, 'node_modules/esbuild-plugin-pino/dist/index.js')) as (
    options: object,
  ) => object
  const kind = transports === undefined ? 'plain' : `plugin-${Object.keys(entries).join('-')}`
  const outdir = join(folder, 'bundles', `${format}-${kind}-${program}`)
  const { warnings } = await esbuild.build({
    absWorkingDir: folder,
    entryPoints: { app: program, ...entries },
    outdir,
    bundle: true,
    platform: 'node',
    format,
    outExtension: { '.js': EXTENSION[format] },
    banner: format === 'esm' ? { js: REQUIRE } : {},
    plugins: transports === undefined ? [] : [plugin({ transports })],
    logLevel: 'silent',
  })
  if (warnings.length > 0) throw new Error(`esbuild warns: ${JSON.stringify(warnings)}`)
  return join(outdir, `app${EXTENSION[format]}`)
}
