import { signal } from '@preact/signals'

import { parseJson } from '../../src/json.ts'
import type { TailEvents } from '../../src/viewer-protocol.ts'
import { tailUrl } from './api.ts'

export type ConnectionState = 'connecting' | 'live' | 'lost'

export const connection = signal<ConnectionState>('connecting')

type Listeners = { readonly [Name in keyof TailEvents]: (event: TailEvents[Name]) => void }

/** Follows a table until the returned function is called. The browser comes back by itself when the emulator does. */
export function followTable(table: string, rows: number, listeners: Listeners): () => void {
  connection.value = 'connecting'
  const source = new EventSource(tailUrl(table, rows))
  source.addEventListener('open', () => {
    connection.value = 'live'
  })
  source.addEventListener('error', () => {
    connection.value = 'lost'
  })
  for (const [name, listener] of Object.entries(listeners)) {
    source.addEventListener(name, ({ data }: MessageEvent<string>) => {
      ;(listener as (event: unknown) => void)(parseJson(data))
    })
  }
  return () => source.close()
}
