import { signal } from '@preact/signals'

import type { QueryResult } from '../../src/viewer-protocol.ts'
import { runQuery } from './api.ts'

export type QueryState =
  | { readonly kind: 'none' }
  | { readonly kind: 'running' }
  | { readonly kind: 'done'; readonly result: QueryResult }
  | { readonly kind: 'failed'; readonly message: string }

export const queryText = signal('')
export const queryState = signal<QueryState>({ kind: 'none' })

export async function run(): Promise<void> {
  queryState.value = { kind: 'running' }
  try {
    queryState.value = { kind: 'done', result: await runQuery(queryText.value) }
  } catch (error) {
    queryState.value = { kind: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}
