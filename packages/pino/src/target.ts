import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'

// A bundler that writes CommonJS leaves no import.meta.url; but there is __filename then.
const here = (import.meta.url as string | undefined) ?? pathToFileURL(__filename).href

/**
 * Where the worker's code is, as a `file:` URL, for `pino.transport({ target })`: pino need not resolve a package name
 * from the file that calls it, which fails in wrappers, under pnpm and in bundles.
 */
export const target: string = new URL(`worker${extname(here)}`, here).href
