import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'

// A bundler that writes CommonJS leaves no import.meta.url; but there is __filename then.
const here = (import.meta.url as string | undefined) ?? pathToFileURL(__filename).href

/** Where the worker's code is, as a `file:` URL: nothing has to be resolved from the file of a caller, or of a bundle. */
export const target: string = new URL(`worker${extname(here)}`, here).href
