import { parseJson } from '../../src/json.ts'
import { VIEWER_HEADER } from '../../src/viewer-protocol.ts'
import type { About, FaultsState, QueryResult, ViewerRefusal } from '../../src/viewer-protocol.ts'

const BASE = '/viewer/api'

/** @throws {Error} with the emulator's own message. */
async function call<Result>(method: string, name: string, body?: unknown): Promise<Result> {
  let response: Response
  try {
    response = await fetch(`${BASE}/${name}`, {
      method,
      ...(method === 'GET' ? {} : { headers: { [VIEWER_HEADER]: '1' }, body: JSON.stringify(body ?? {}) }),
    })
  } catch {
    throw new Error('The emulator does not answer. Is it still running?')
  }
  const result = parseJson(await response.text())
  if (response.ok) return result as Result
  throw new Error((result as ViewerRefusal).error.message)
}

export const fetchAbout = (): Promise<About> => call('GET', 'about')
export const runQuery = (query: string): Promise<QueryResult> => call('POST', 'query', { query })
export const putFaults = (faults: readonly string[]): Promise<FaultsState> =>
  call('PUT', 'faults', { faults })
export const clearEmulator = (): Promise<unknown> => call('POST', 'clear')

export function tailUrl(table: string, rows: number): string {
  return `${BASE}/tail?table=${encodeURIComponent(table)}&rows=${rows}`
}

export function exportUrl(table: string): string {
  return `${BASE}/export?table=${encodeURIComponent(table)}`
}
