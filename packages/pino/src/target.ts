import { extname } from 'node:path'

/**
 * Where the worker's code is, as a `file:` URL, for `pino.transport({ target })`: pino need not resolve a package name
 * from the file that calls it, which fails in wrappers, under pnpm and in bundles.
 */
export const target: string = new URL(`worker${extname(import.meta.url)}`, import.meta.url).href
