import { parentPort } from 'node:worker_threads'

import type { PinoConfig } from './record.ts'

type Configure = (config: PinoConfig) => void

/** All transports of ours in this thread: with `targets`, pino starts several in one worker. */
const followers = new Set<Configure>()
let latest: PinoConfig | undefined

/** Calls `configure` with what pino posts about itself into this worker, now or later; the result ends that. */
export function followPinoConfig(configure: Configure): () => void {
  if (followers.size === 0) parentPort?.on('message', onMessage)
  followers.add(configure)
  if (latest !== undefined) configure(latest)
  return () => {
    if (followers.delete(configure) && followers.size === 0) parentPort?.off('message', onMessage)
  }
}

function onMessage(message: { readonly code?: string; readonly config?: PinoConfig } | undefined): void {
  if (message?.code !== 'PINO_CONFIG' || message.config === undefined) return
  latest = message.config
  for (const configure of followers) configure(latest)
}
