import { createHash } from 'node:crypto'

import { defaultSchema } from '@azlogs/emulator'

/**
 * Names that Azure keeps for itself, in lower case: as documented now, as documented before, and as seen refused.
 * https://learn.microsoft.com/azure/azure-monitor/logs/create-custom-table
 */
const RESERVED: ReadonlySet<string> = new Set([
  'billedsize',
  'id',
  'invalidtimegenerated',
  'isbillable',
  'managementgroupname',
  'mg',
  'resource',
  'resourceid',
  'resourcename',
  'resourcetype',
  'sourcesystem',
  'subscriptionid',
  'tenantid',
  'title',
  'type',
  'uniqueid',
  '_itemid',
  '_resourcegroup',
  '_resourceid',
  '_subscriptionid',
  '_timereceived',
])

const RENAMED: ReadonlyMap<string, string> = new Map([
  ['id', 'RecordId'],
  ['type', 'EventType'],
  ['title', 'TitleText'],
  ['tenantid', 'AppTenantId'],
  ['uniqueid', 'RecordUniqueId'],
])

/** Letter first, 2 to 45 characters. https://learn.microsoft.com/azure/azure-monitor/logs/create-custom-table */
const COLUMN_NAME = /^[A-Za-z][A-Za-z0-9_]{1,44}$/

const MAX_LENGTH = 45

export type NameStyle = 'pascal' | 'keep'

/** What is wrong with a column's name, or undefined. */
export function columnNameProblem(name: string): string | undefined {
  if (!COLUMN_NAME.test(name)) {
    return `${JSON.stringify(name)} cannot be a column: a letter first, then letters, digits and _, 2 to 45 characters`
  }
  return RESERVED.has(name.toLowerCase()) ? `${name} is reserved by Azure; App${name} would do` : undefined
}

/** The names of one table. The same paths in the same order give the same names. */
export interface ColumnNames {
  /** A name for the value at `path` that Azure accepts and no other column has, whatever its case. */
  nameOf(path: readonly string[]): string
  /** Keeps a name that is given. */
  keep(name: string): void
}

/** @param style `pascal`: `res.statusCode` → `ResStatusCode`. `keep`: → `res_statusCode`. */
export function createColumnNames(style: NameStyle = 'pascal'): ColumnNames {
  const taken = new Set(defaultSchema.columns.map(({ name }) => name.toLowerCase()))

  return {
    nameOf(path) {
      const wanted = shorten(replaceReserved(toIdentifier(path, style)))
      let name = wanted
      for (let count = 2; taken.has(name.toLowerCase()); count += 1) {
        const suffix = `_${count}`
        name = `${wanted.slice(0, MAX_LENGTH - suffix.length)}${suffix}`
      }
      taken.add(name.toLowerCase())
      return name
    },
    keep(name) {
      taken.add(name.toLowerCase())
    },
  }
}

function toIdentifier(path: readonly string[], style: NameStyle): string {
  const plain = path
    .join('_')
    .normalize('NFKD')
    .replaceAll(/\P{ASCII}/gu, '')
    .replaceAll(/[^A-Za-z0-9_]/g, '_')
  const styled =
    style === 'pascal'
      ? plain
          .split('_')
          .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
          .join('')
      : plain.replaceAll(/_+/g, '_')
  const started = /^[A-Za-z]/.test(styled) ? styled : `F_${styled.replace(/^_/, '')}`
  return started.padEnd(2, '_')
}

function replaceReserved(name: string): string {
  const lower = name.toLowerCase()
  return RENAMED.get(lower) ?? (RESERVED.has(lower) ? `App${name}` : name)
}

/** Distinct long names stay distinct: their hash tells them apart. */
function shorten(name: string): string {
  if (name.length <= MAX_LENGTH) return name
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 6)
  return `${name.slice(0, 38)}_${hash}`
}
