import { MAX_KEYS } from './value-stats.ts'
import type { ValueStats } from './value-stats.ts'

/** A value that can have a column. */
export interface Candidate {
  readonly path: readonly string[]
  readonly stats: ValueStats
  /** True for a value that was a column already, beside `Properties`. */
  readonly direct?: true
  /** Why it is to stay in `Properties` all the same, unless somebody asks for it. */
  readonly stays?: string | undefined
}

/** Objects that loggers and their plugins write, and the members of them that people query. */
const KNOWN_SHAPES: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['req', new Set(['id', 'method', 'url', 'host', 'hostname', 'remoteAddress', 'remotePort'])],
  ['res', new Set(['statusCode', 'contentLength'])],
  ['err', new Set(['code', 'errno', 'status', 'statusCode', 'syscall'])],
  ['error', new Set(['code', 'errno', 'status', 'statusCode', 'syscall'])],
])

/** An object with no more leaves than this … */
const MAX_LEAVES = 8

/** … each of them in at least this share of all rows, is a shape, and its leaves become columns. */
const MIN_LEAF_SEEN = 0.2

/** Finds what can have a column among the properties of all rows. */
export function candidatesOf(
  root: ValueStats,
  rows: number,
): { readonly candidates: readonly Candidate[]; readonly warnings: readonly string[] } {
  const warnings: string[] = []
  if (root.growing) {
    warnings.push(`more than ${MAX_KEYS} keys: those seen first are shown, the others stay in Properties`)
  }
  const candidates = [...root.members].flatMap(([key, stats]) => {
    if (key === '' || key.includes('.')) {
      warnings.push(`${JSON.stringify(key)} stays in Properties: no path can name a key with a dot`)
      return []
    }
    if (stats.present === 0) {
      warnings.push(`${key} is always null: it stays in Properties until it has a value`)
      return []
    }
    return candidatesAt([key], stats, rows)
  })
  return { candidates, warnings }
}

function candidatesAt(path: readonly string[], stats: ValueStats, rows: number): readonly Candidate[] {
  const [key = ''] = path
  if (stats.objects < stats.present) return [{ path, stats }]
  const known = KNOWN_SHAPES.get(key)
  if (known !== undefined) {
    return [...stats.members]
      .filter(([name, member]) => member.present > 0 && isNameable(name))
      .map(([name, member]) => ({
        path: [...path, name],
        stats: member,
        stays: known.has(name) && member.objects === 0 ? undefined : `a rarely queried part of ${key}`,
      }))
  }
  const leaves = leavesOf(path, stats)
  if (leaves?.length === 0) return []
  const isShape =
    leaves !== undefined &&
    leaves.length <= MAX_LEAVES &&
    leaves.every((leaf) => leaf.stats.present / rows >= MIN_LEAF_SEEN)
  return isShape ? leaves : [{ path, stats }]
}

/** The values in an object that are no objects; undefined when it has no fixed shape. */
function leavesOf(path: readonly string[], stats: ValueStats): readonly Candidate[] | undefined {
  if (stats.growing) return undefined
  const leaves: Candidate[] = []
  for (const [key, member] of stats.members) {
    if (!isNameable(key)) return undefined
    if (member.present === 0) continue
    if (member.objects === 0) {
      leaves.push({ path: [...path, key], stats: member })
      continue
    }
    const deeper = member.objects === member.present ? leavesOf([...path, key], member) : undefined
    if (deeper === undefined) return undefined
    leaves.push(...deeper)
  }
  return leaves
}

function isNameable(key: string): boolean {
  return key !== '' && !key.includes('.')
}
