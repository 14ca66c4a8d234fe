import { parentPort } from 'node:worker_threads'

import { isAzlogsError } from './errors.ts'
import { toPlainError } from './problem-event.ts'
import type { FlushResult } from './shipper-interface.ts'
import type { FlushRequest, ToWorker, WorkerEvents } from './worker-protocol.ts'

/** What one transport in this worker has to do with the main thread. */
export interface Member {
  /** Rejects, with an AzlogsError, only where `durable` is asked for. */
  flush(request: FlushRequest): Promise<FlushResult>
  /** A token, or the reason why there is none. */
  readonly onToken?: (message: Extract<ToWorker, { code: 'AZLOGS_TOKEN' | 'AZLOGS_NO_TOKEN' }>) => void
}

/** All transports of ours in this thread: with `targets`, pino starts several in one worker. */
const members = new Set<Member>()

/** Connects a transport with the main thread; the result ends that. */
export function joinChannel(member: Member): () => void {
  if (members.size === 0) parentPort?.on('message', onMessage)
  members.add(member)
  return () => {
    if (members.delete(member) && members.size === 0) parentPort?.off('message', onMessage)
  }
}

/** Has the stream emit an event in the main thread. */
export function emitInMain<Name extends keyof WorkerEvents>(name: Name, ...args: WorkerEvents[Name]): void {
  parentPort?.postMessage({ code: 'EVENT', name, args }, [])
}

function onMessage(message: ToWorker | undefined): void {
  switch (message?.code) {
    case 'AZLOGS_FLUSH':
      void flushAll(message)
      break
    case 'AZLOGS_TOKEN':
    case 'AZLOGS_NO_TOKEN':
      for (const member of members) member.onToken?.(message)
      break
    default:
    // thread-stream's own, or another transport's.
  }
}

async function flushAll({ id, ...request }: Extract<ToWorker, { code: 'AZLOGS_FLUSH' }>): Promise<void> {
  emitInMain('azlogs:flushing', id)
  try {
    const results = await Promise.all(Array.from(members, (member) => member.flush(request)))
    const total: FlushResult = {
      complete: results.every((result) => result.complete),
      pending: results.reduce((sum, result) => sum + result.pending, 0),
    }
    emitInMain('azlogs:flushed', id, total)
  } catch (error) {
    if (!isAzlogsError(error)) throw error
    emitInMain('azlogs:refused', id, toPlainError(error))
  }
}
