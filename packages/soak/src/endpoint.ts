import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import type { EndpointMessage, EndpointOrder, EndpointTotals, StoredRecord } from './endpoint-protocol.ts'

/** The emulator's process. */
export interface Endpoint {
  readonly pid: number
  /** The variables for a process that is to send there. */
  readonly env: Readonly<Record<string, string>>
  /** Rejects when it ends, which it must not. */
  readonly failed: Promise<never>
  setFaults(texts: readonly string[]): void
  goDown(): void
  comeUp(): void
  /** Resolves when everything that has been stored until now has been told. */
  sync(): Promise<EndpointTotals>
}

export interface EndpointOptions {
  readonly seed: number
  /** SQLite file, which an outage does not cost its rows. */
  readonly database: string
  readonly onRows: (rows: readonly StoredRecord[]) => void
  readonly onStarted: (child: ChildProcess) => void
}

export async function startEndpoint({
  seed,
  database,
  onRows,
  onStarted,
}: EndpointOptions): Promise<Endpoint> {
  const program = fileURLToPath(new URL('endpoint-process.ts', import.meta.url))
  const child = fork(program, [String(seed), database], {
    execArgv: ['--conditions=dev'],
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: true,
  })
  onStarted(child)
  const failed = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the emulator's process has ended (${signal ?? code})`)
  })
  // It is for who waits for it, if anybody does.
  failed.catch(() => {})
  const waiting = new Map<number, (totals: EndpointTotals) => void>()
  const ready = Promise.withResolvers<Readonly<Record<string, string>>>()
  let syncs = 0

  child.on('message', (message: EndpointMessage) => {
    switch (message.told) {
      case 'ready':
        ready.resolve(message.env)
        break
      case 'rows':
        onRows(message.rows)
        break
      case 'synced':
        waiting.get(message.id)?.(message.totals)
        waiting.delete(message.id)
        break
      default:
        message satisfies never
    }
  })

  function order(message: EndpointOrder): void {
    if (child.connected) child.send(message, () => {})
  }

  return {
    pid: child.pid ?? 0,
    env: await Promise.race([ready.promise, failed]),
    failed,
    setFaults: (texts) => order({ order: 'faults', texts }),
    goDown: () => order({ order: 'down' }),
    comeUp: () => order({ order: 'up' }),
    sync() {
      syncs += 1
      const id = syncs
      const totals = new Promise<EndpointTotals>((resolve) => waiting.set(id, resolve))
      order({ order: 'sync', id })
      return Promise.race([totals, failed])
    },
  }
}
