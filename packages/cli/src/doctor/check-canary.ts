import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { isLoopback } from '@azlogs/core/internal'
import { defaultSchema } from '@azlogs/emulator'

import { messageOf } from '../cli-error.ts'
import type { Asker } from '../query/ask.ts'
import type { SchemaLock } from '../schema/lock.ts'
import { compareColumns, createCanaryRow } from './canary-row.ts'
import type { CanaryRow, ColumnReport } from './canary-row.ts'
import { checkAccess } from './check-access.ts'
import type { Access } from './check-access.ts'
import { fail, ok, skip, warn } from './check.ts'
import type { Finding } from './check.ts'
import type { DeployedColumn, DeployedRule } from './deployed-rule.ts'
import { awaitRow, awaitVerdict, emulatorTables } from './emulator-events.ts'
import { pauseFor } from './wait.ts'

export interface CanaryOptions {
  readonly access: Access
  readonly lock: SchemaLock | undefined
  readonly rule: DeployedRule | undefined
  /** How long the row is looked for, in milliseconds. */
  readonly waitMs: number
  /** Queries the workspace; undefined when it is not known which. */
  readonly asker: Asker | undefined
  readonly note: (text: string) => void
}

/** How long a row is looked for at least, in milliseconds: a table that has had rows before shows them within seconds. */
const LEAST_WAIT_MS = 30_000

/** First rows of a new table may take a quarter of an hour. */
const NEW_TABLE_MINUTES = 15

/** Sends one row with a value for each column, looks for it, and tells column by column what is there. */
export async function checkCanary(
  options: CanaryOptions,
): Promise<{ readonly finding: Finding; readonly columns: readonly ColumnReport[] }> {
  const { access } = options
  const columns = columnsToSend(options)
  const canary = columns === undefined ? undefined : createCanaryRow(columns, new Date())
  if (canary === undefined) {
    const why =
      columns === undefined
        ? `the columns of ${access.destination.streamName} are not known: give --schema, or log in to az`
        : 'no column of text to recognise the row by'
    return { finding: skip(why), columns: [] }
  }
  const clientRequestId = randomUUID()
  const sent = await checkAccess(access, [canary.row], clientRequestId)
  if (sent.status !== 'ok') return { finding: sent, columns: [] }
  const { endpoint } = access.destination
  return isLoopback(endpoint)
    ? lookInEmulator(endpoint.origin, canary, clientRequestId, options)
    : lookInWorkspace(canary, clientRequestId, options)
}

function columnsToSend({ access, lock, rule }: CanaryOptions): readonly DeployedColumn[] | undefined {
  const { streamName } = access.destination
  if (lock?.stream === streamName) return lock.columns
  return (
    rule?.streams[streamName] ?? (streamName === defaultSchema.stream ? defaultSchema.columns : undefined)
  )
}

async function lookInEmulator(
  origin: string,
  canary: CanaryRow,
  clientRequestId: string,
  { waitMs }: CanaryOptions,
): Promise<{ readonly finding: Finding; readonly columns: readonly ColumnReport[] }> {
  const signal = AbortSignal.timeout(Math.max(waitMs, LEAST_WAIT_MS))
  const tables = await emulatorTables(origin, signal)
  const [firstTable] = tables?.keys() ?? []
  if (firstTable === undefined) {
    return {
      finding: skip(`204; what answers at ${origin} is no emulator that tells what it stored`),
      columns: [],
    }
  }
  const verdict = await awaitVerdict(origin, { table: firstTable, clientRequestId, signal })
  const row =
    verdict?.table === undefined
      ? undefined
      : await awaitRow(origin, {
          table: verdict.table,
          column: canary.markerColumn,
          value: canary.marker,
          signal,
        })
  if (row === undefined) {
    const losses = verdict?.losses.join('; ') ?? ''
    return {
      finding: fail('AZL3020', `204, and no row is there${losses === '' ? '' : `: ${losses}`}`, DIFF),
      columns: [],
    }
  }
  return judge(canary, row, verdict?.losses ?? [])
}

const DIFF = 'azlogs diff   # compares the schema file with what is deployed'

async function lookInWorkspace(
  canary: CanaryRow,
  clientRequestId: string,
  { access, asker, rule, lock, waitMs, note }: CanaryOptions,
): Promise<{ readonly finding: Finding; readonly columns: readonly ColumnReport[] }> {
  if (asker === undefined) {
    const finding = warn(
      'AZL3020',
      '204: accepted, and not looked for, as it is not known in which workspace',
      'azlogs doctor --send --workspace GUID   # az monitor log-analytics workspace show -g GROUP -n NAME --query customerId',
    )
    return { finding, columns: [] }
  }
  const { streamName } = access.destination
  const flow = rule?.flows.find(({ streams }) => streams.includes(streamName))
  const table = lock?.table ?? (flow?.outputStream ?? streamName).replace(/^(Custom|Microsoft)-/, '')
  const kql = `${table} | where ${canary.markerColumn} == '${canary.marker}' | take 1`
  const started = Date.now()
  const until = started + Math.max(waitMs, LEAST_WAIT_MS)
  let said = 'it is not there'
  for (;;) {
    try {
      const { columns, rows } = await asker.ask(kql, 'P1D')
      const [found] = rows
      if (found !== undefined) {
        const row = Object.fromEntries(columns.map(({ name }, index) => [name, found[index]]))
        const seconds = Math.round((Date.now() - started) / 1000)
        return judge(canary, row, [], ` after ${seconds} s`)
      }
      said = 'it is not there'
    } catch (error) {
      // A table that is new cannot be queried for a while.
      said = messageOf(error)
    }
    const pauseMs = pauseFor(waitMs)
    if (Date.now() + pauseMs > until) break
    note(`   waiting for the row in ${table}: ${said}`)
    await sleep(pauseMs)
  }
  const waited = `204, and after ${Math.round((Date.now() - started) / 1000)} s: ${said}`
  const remedy =
    waitMs < NEW_TABLE_MINUTES * 60_000
      ? `azlogs doctor --send --wait ${NEW_TABLE_MINUTES}   # a new table shows its first rows after that at the latest`
      : `azlogs query "DCRLogErrors | where ClientRequestId == '${clientRequestId}'"   # empty without the rule’s diagnostic setting`
  return { finding: fail('AZL3020', waited, remedy), columns: [] }
}

function judge(
  canary: CanaryRow,
  row: Readonly<Record<string, unknown>>,
  losses: readonly string[],
  when = '',
): { readonly finding: Finding; readonly columns: readonly ColumnReport[] } {
  const columns = compareColumns(canary.row, row)
  const lost = columns.filter(({ outcome }) => outcome !== 'stored')
  if (lost.length === 0)
    return { finding: ok(`the row is there${when}, all ${columns.length} columns as sent`), columns }
  const told = losses.length > 0 ? losses : lost.map(({ column, outcome }) => `${column} is ${outcome}`)
  const finding = fail(
    'AZL3020',
    `the row is there${when}, but ${lost.length} of ${columns.length} columns are not as sent: ${told.join('; ')}`,
    DIFF,
  )
  return { finding, columns }
}
