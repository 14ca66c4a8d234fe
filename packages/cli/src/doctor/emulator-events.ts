import { parseLine } from '../lines/parse-line.ts'
import { at, listAt, text } from './deployed-rule.ts'
import type { DeployedColumn } from './deployed-rule.ts'
import { columnsOf } from './deployed-rule.ts'

/** What the emulator tells on its own pages: its tables, and rows and verdicts as they come. */

/** The columns of its tables by name; undefined when something else is at this address. */
export async function emulatorTables(
  origin: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly DeployedColumn[]> | undefined> {
  try {
    const answer = await fetch(`${origin}/viewer/api/about`, { signal })
    if (!answer.ok) return undefined
    const about = (await answer.json()) as unknown
    return new Map(
      listAt(about, 'tables').map((table) => [
        text(at(table, 'name')) ?? '',
        columnsOf(at(table, 'columns')),
      ]),
    )
  } catch {
    return undefined
  }
}

/** The verdict on the request with this client request id: where its rows went, and what was lost. */
export async function awaitVerdict(
  origin: string,
  { table, clientRequestId, signal }: { table: string; clientRequestId: string; signal: AbortSignal },
): Promise<{ readonly table: string | undefined; readonly losses: readonly string[] } | undefined> {
  for await (const { name, data } of events(origin, table, 0, signal)) {
    if (name !== 'verdicts' || !Array.isArray(data)) continue
    const verdict: unknown = data.find((candidate) => at(candidate, 'clientRequestId') === clientRequestId)
    if (verdict === undefined) continue
    return { table: text(listAt(verdict, 'tables')[0]), losses: listAt(verdict, 'losses').map(String) }
  }
  return undefined
}

/** The newest rows of a table that a query would look through. */
const ROWS = 1000

/** The row with this value in this column, as soon as it can be read. */
export async function awaitRow(
  origin: string,
  { table, column, value, signal }: { table: string; column: string; value: string; signal: AbortSignal },
): Promise<Readonly<Record<string, unknown>> | undefined> {
  for await (const { name, data } of events(origin, table, ROWS, signal)) {
    if (name !== 'rows') continue
    for (const entry of listAt(data, 'rows')) {
      const row: unknown = Array.isArray(entry) ? entry[1] : undefined
      if (at(row, column) === value) return row as Readonly<Record<string, unknown>>
    }
  }
  return undefined
}

/** Server-sent events until the signal; ends without an error then, and when the emulator goes. */
async function* events(
  origin: string,
  table: string,
  rows: number,
  signal: AbortSignal,
): AsyncGenerator<{ readonly name: string; readonly data: unknown }> {
  try {
    const url = `${origin}/viewer/api/tail?table=${encodeURIComponent(table)}&rows=${rows}`
    const answer = await fetch(url, { signal })
    if (!answer.ok || answer.body === null) return
    let rest = ''
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split('\n\n')
      rest = blocks.pop() as string
      for (const block of blocks) {
        const name = /^event: (.*)$/m.exec(block)?.[1]
        const data = /^data: (.*)$/m.exec(block)?.[1]
        if (name !== undefined && data !== undefined) yield { name, data: parse(data) }
      }
    }
  } catch {
    // The time is over, or the emulator has gone: what was told is all there is.
  }
}

function parse(data: string): unknown {
  return parseLine(data) ?? (JSON.parse(data) as unknown)
}
