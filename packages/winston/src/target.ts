import { extname } from 'node:path'

/** Where the worker's code is, as a `file:` URL: nothing has to be resolved from the file of a caller, or of a bundle. */
export const target: string = new URL(`worker${extname(import.meta.url)}`, import.meta.url).href
