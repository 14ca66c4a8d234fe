// The emulator in a process of its own: `node endpoint-process.ts SEED DATABASE`. It tells over IPC which numbered records came.
import { startEmulator } from '@azlogs/emulator'
import type { Emulator, EmulatorOptions, Verdict } from '@azlogs/emulator'

import type { EndpointMessage, EndpointOrder, EndpointTotals, StoredRecord } from './endpoint-protocol.ts'
import { messageOf } from './record.ts'

const [seed = '1', database = ''] = process.argv.slice(2)

const READ_MS = 250
const ROWS_PER_READ = 2000

/** An answer so fresh may still be in a socket that is cut. */
const FRESH_MS = 2000

const totals: { -readonly [Key in keyof EndpointTotals]: EndpointTotals[Key] } = {
  requests: 0,
  rowsStored: 0,
  announcements: 0,
  faults: {},
  ambiguousRows: 0,
  largestRequest: 0,
  outages: 0,
}
const faultCounts: Record<string, number> = {}
/** Answered lately and not known to be ambiguous. */
let fresh: { readonly at: number; readonly rows: number }[] = []
let state: 'up' | 'down' = 'up'
let texts: readonly string[] = []
let lastRow = 0

const options: EmulatorOptions = {
  https: false,
  // What Azure would cut in silence is a 400 here: the poison among the records.
  mode: 'strict',
  database,
  seed: Number(seed),
  retention: { maxRows: 20_000 },
  throttle: false,
  onVerdict: note,
}
let emulator: Emulator = await startEmulator(options)
const port = Number(new URL(emulator.url).port)

function note({ fault, outcome, rowsStored }: Verdict): void {
  totals.requests += 1
  totals.rowsStored += rowsStored
  totals.largestRequest = Math.max(totals.largestRequest, rowsStored)
  for (const text of fault?.split(', ') ?? []) {
    const kind = text.replace(/:.*/, '')
    faultCounts[kind] = (faultCounts[kind] ?? 0) + 1
  }
  const now = performance.now()
  fresh = fresh.filter(({ at }) => now - at < FRESH_MS)
  if (outcome !== 'answered' || state === 'down') totals.ambiguousRows += rowsStored
  else fresh.push({ at: now, rows: rowsStored })
}

type SelectedRow = readonly [
  rowId: number,
  message: string,
  recordId: string,
  life: string | null,
  n: number,
  whole: number,
]

/** Tells what has been stored since the last time. */
function tellRows(): void {
  for (;;) {
    const { rows } = emulator.sql(
      `SELECT rowid, Message, RecordId, json_extract(Properties, '$.life'), json_extract(Properties, '$.n'),
        json_extract(Properties, '$.size') = length(json_extract(Properties, '$.text'))
      FROM AppLogs_CL WHERE rowid > ? ORDER BY rowid LIMIT ?`,
      [lastRow, ROWS_PER_READ],
    )
    const stored: StoredRecord[] = []
    for (const [rowId, message, recordId, life, n, whole] of rows as readonly SelectedRow[]) {
      if (rowId !== lastRow + 1) throw new Error(`rows ${lastRow + 1} to ${rowId - 1} were not read in time`)
      lastRow = rowId
      if (life === null) totals.announcements += 1
      else stored.push([life, n, recordId, whole === 1 && message === messageOf(life, n)])
    }
    if (stored.length > 0) tell({ told: 'rows', rows: stored })
    if (rows.length < ROWS_PER_READ) return
  }
}

async function goDown(): Promise<void> {
  tellRows()
  state = 'down'
  totals.outages += 1
  for (const { rows } of fresh) totals.ambiguousRows += rows
  fresh = []
  clearInterval(reading)
  await emulator.close()
}

async function comeUp(): Promise<void> {
  emulator = await startEmulator({ ...options, port })
  emulator.faults.set(texts)
  state = 'up'
  reading = setInterval(tellRows, READ_MS)
}

async function obey(order: EndpointOrder): Promise<void> {
  switch (order.order) {
    case 'faults':
      texts = order.texts
      if (state === 'up') emulator.faults.change(texts)
      break
    case 'down':
      if (state === 'up') await goDown()
      break
    case 'up':
      if (state === 'down') await comeUp()
      break
    case 'sync':
      tellRows()
      tell({ told: 'synced', id: order.id, totals: { ...totals, faults: { ...faultCounts } } })
      break
    default:
      order satisfies never
  }
}

function tell(message: EndpointMessage): void {
  process.send?.(message)
}

let reading = setInterval(tellRows, READ_MS)
let obeying = Promise.resolve()
process.on('message', (order: EndpointOrder) => {
  obeying = obeying.then(() => obey(order))
})
process.on('disconnect', () => process.exit())
tell({ told: 'ready', env: emulator.env })
