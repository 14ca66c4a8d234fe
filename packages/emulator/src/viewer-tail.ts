import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Faults } from './faults.ts'
import { rowsJson } from './viewer-json.ts'
import type { Store } from './store.ts'
import { describeLosses } from './verdict.ts'
import type { Verdict } from './verdict.ts'
import type { FaultsState, NumberedVerdict, TailEvents } from './viewer-protocol.ts'

/** Rows in one event: large enough to be quick, small enough for a page to take in within a frame or two. */
const ROWS_PER_EVENT = 1_000
const VERDICTS_PER_EVENT = 500
/** News are collected for so long: a page is told at most ten times a second. */
const COLLECT_MS = 100
/** Faults change without notice, when they are set by the program or end by their time. */
const LOOK_MS = 1_000
/** A line now and then shows that both sides are there. */
const HEARTBEAT_MS = 15_000

export interface TailOptions {
  readonly store: Pick<Store, 'rowsAfter' | 'newestId' | 'count' | 'evicted'>
  readonly verdicts: () => readonly Verdict[]
  readonly faults: Pick<Faults, 'seed' | 'active'>
}

export interface Tail {
  readonly changed: () => void
  readonly judged: () => void
  readonly cleared: () => void
  /** Server-sent events, until the client has gone: what there is, then what comes. */
  readonly stream: (request: TailRequest, gone: AbortSignal) => AsyncIterable<string>
}

interface TailRequest {
  readonly table: string
  /** How many of the rows that are already there are sent. */
  readonly rows: number
  /** What `Last-Event-ID` says when a browser comes back. */
  readonly lastEventId?: string | undefined
}

/** Tells pages what arrives. It pulls from the store, so that a slow page costs no memory. */
export function createTail({ store, verdicts, faults }: TailOptions): Tail {
  const news = new EventEmitter().setMaxListeners(0)
  let epoch: string = randomUUID()
  let verdictCount = 0
  let changes = 0
  const announce = (): void => {
    changes += 1
    news.emit('change')
  }

  function verdictsAfter(number: number): readonly NumberedVerdict[] {
    const kept = verdicts()
    const firstKept = verdictCount - kept.length
    return kept
      .slice(Math.max(0, number - firstKept))
      .slice(0, VERDICTS_PER_EVENT)
      .map((verdict, index) =>
        Object.assign({}, verdict, {
          number: Math.max(number, firstKept) + index + 1,
          losses: describeLosses(verdict),
        }),
      )
  }

  async function* stream(request: TailRequest, gone: AbortSignal): AsyncGenerator<string> {
    const { table } = request
    const backlogStart = (): number => Math.max(0, store.newestId(table) - request.rows)
    let cursor: Cursor = readCursor(request.lastEventId) ?? { epoch: '', row: 0, verdict: 0 }
    let sentFaults = ''
    let sentAt = performance.now()
    yield 'retry: 1000\n\n'
    while (!gone.aborted) {
      const known = changes
      if (cursor.epoch !== epoch) {
        cursor = { epoch, row: backlogStart(), verdict: 0 }
        yield event('reset', JSON.stringify({ epoch } satisfies TailEvents['reset']), cursor)
      }
      let more = false
      const found = store.rowsAfter(table, cursor.row, ROWS_PER_EVENT)
      const last = found.at(-1)
      if (last !== undefined) {
        cursor = { ...cursor, row: last.id }
        more = found.length === ROWS_PER_EVENT
        yield event(
          'rows',
          rowsJson(found, { total: store.count(table), evicted: store.evicted(table) }),
          cursor,
        )
      }
      if (cursor.epoch !== epoch) continue
      if (cursor.verdict < verdictCount) {
        const judged = verdictsAfter(cursor.verdict)
        cursor = { ...cursor, verdict: judged.at(-1)?.number ?? verdictCount }
        more ||= cursor.verdict < verdictCount
        yield event('verdicts', JSON.stringify(judged satisfies TailEvents['verdicts']), cursor)
      }
      const currentFaults = JSON.stringify(faultsState(faults))
      if (currentFaults !== sentFaults) {
        sentFaults = currentFaults
        yield event('faults', currentFaults, cursor)
      }
      // What came while the client was reading has not been looked at.
      if (more || changes !== known) continue
      const heard = await nextNews(news, gone)
      if (gone.aborted) return
      if (heard) await sleep(COLLECT_MS, undefined, { ref: false })
      if (performance.now() - sentAt < HEARTBEAT_MS) continue
      sentAt = performance.now()
      yield ': still here\n\n'
    }
  }

  return {
    changed: announce,
    judged() {
      verdictCount += 1
      announce()
    },
    cleared() {
      epoch = randomUUID()
      verdictCount = 0
      announce()
    },
    stream,
  }
}

export function faultsState(faults: Pick<Faults, 'seed' | 'active'>): FaultsState {
  const active = faults.active.map(({ text, hits, endsAt }) => ({
    text,
    hits,
    ...(endsAt === undefined ? {} : { endsAt }),
  }))
  return { seed: faults.seed, active }
}

interface Cursor {
  readonly epoch: string
  /** The id of the last row that was sent. */
  readonly row: number
  /** The number of the last verdict that was sent. */
  readonly verdict: number
}

function readCursor(text: string | undefined): Cursor | undefined {
  const [, epoch, row, verdict] = /^([0-9a-f-]{36}):(\d{1,15}):(\d{1,15})$/.exec(text ?? '') ?? []
  return epoch === undefined ? undefined : { epoch, row: Number(row), verdict: Number(verdict) }
}

function event(name: keyof TailEvents, json: string, { epoch, row, verdict }: Cursor): string {
  return `event: ${name}\nid: ${epoch}:${row}:${verdict}\ndata: ${json}\n\n`
}

/** Whether there were news before it was time to look, or the client had gone. */
async function nextNews(news: EventEmitter, gone: AbortSignal): Promise<boolean> {
  try {
    await once(news, 'change', { signal: AbortSignal.any([gone, AbortSignal.timeout(LOOK_MS)]) })
    return true
  } catch {
    return false
  }
}
