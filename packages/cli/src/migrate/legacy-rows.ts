import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'

import Papa from 'papaparse'

import { fileError } from '../cli-error.ts'

/** A row of the old table: column → value. Everything is text when it comes from CSV. */
export type LegacyRow = Readonly<Record<string, unknown>>

/**
 * Rows of an export of the old table: CSV of the portal, JSON of `az monitor log-analytics query`, the answer of the
 * query API (`{ tables: [{ columns, rows }] }`), or NDJSON; plain or gzipped; told apart by content.
 *
 * @throws CliError `AZL1002` for a file that cannot be read as one of these.
 */
export async function readLegacyRows(path: string): Promise<readonly LegacyRow[]> {
  try {
    const bytes = await readFile(path)
    const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes)
      .toString('utf8')
      .replace(/^\uFEFF/, '')
    return rowsIn(text)
  } catch (error) {
    throw fileError(path, error)
  }
}

function rowsIn(text: string): readonly LegacyRow[] {
  const start = text.trimStart()[0]
  if (start !== '{' && start !== '[') return csvRows(text)
  const whole = parse(text)
  if (Array.isArray(whole)) return whole as readonly LegacyRow[]
  const tables = (whole as { readonly tables?: readonly ApiTable[] } | undefined)?.tables
  if (tables !== undefined) return tables.flatMap(apiRows)
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as LegacyRow)
}

interface ApiTable {
  readonly columns: readonly { readonly name: string }[]
  readonly rows: readonly (readonly unknown[])[]
}

function apiRows({ columns, rows }: ApiTable): readonly LegacyRow[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function csvRows(text: string): readonly LegacyRow[] {
  const { data, errors } = Papa.parse<LegacyRow>(text, {
    header: true,
    skipEmptyLines: true,
    // The portal writes «TimeGenerated [UTC]».
    transformHeader: (name) => name.replace(/ \[.*\]$/, '').trim(),
  })
  const first = errors.find(({ code }) => code !== 'UndetectableDelimiter')
  if (first !== undefined) throw new Error(`row ${(first.row ?? 0) + 1}: ${first.message}`)
  return data
}
