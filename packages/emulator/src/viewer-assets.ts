import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Asset {
  readonly type: string
  readonly text: string
  /** Its name holds a hash of its content. */
  readonly immutable: boolean
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Where the build puts the page: next to the bundle, and also where a run from the sources finds it. */
const BUILT_PAGE: string = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../dist/viewer/' : './viewer/', import.meta.url),
)

/** The files of the page by name, read once. Undefined when the page has not been built: only in a checkout. */
export function loadAssets(directory: string = BUILT_PAGE): ReadonlyMap<string, Asset> | undefined {
  let names: readonly string[]
  try {
    names = readdirSync(directory)
  } catch {
    return undefined
  }
  const assets = new Map<string, Asset>()
  for (const name of names) {
    const type = TYPES[extname(name)]
    if (type === undefined) continue
    const text = readFileSync(join(directory, name), 'utf8')
    assets.set(name, { type, text, immutable: /-[\w-]{8}\.\w+$/.test(name) })
  }
  return assets.has('index.html') ? assets : undefined
}
