import type { EventEmitter } from 'node:events'

import { AzlogsError } from '@azlogs/core'
import type { FlushResult } from '@azlogs/core'
import { askToFlush, workerClosed } from '@azlogs/core/worker'

import { laneOf } from './azure-logs-stream.ts'

/** What of thread-stream's stream is used here. */
interface ThreadStream extends EventEmitter {
  readonly ready: boolean
  readonly destroyed: boolean
  readonly writableEnded: boolean
  readonly writableNeedDrain: boolean
  flushSync(): void
}

/**
 * Resolves when everything logged before the call is delivered or accounted for, or after `timeoutMs`. Takes what
 * `pino.transport()`, `azureLogsTransport()` or `createAzureLogsStream()` returned, with `target`, `targets` and
 * `pipeline` alike, and keeps the process alive while it waits.
 *
 * @param options.timeoutMs without it, as long as the transport itself tries (`retryForMs`)
 * @throws AzlogsError (rejects) `AZLOGS_CONFIG` when the stream leads to no transport of this package; `AZLOGS_CLOSED`
 * when its worker ends or has ended.
 */
export async function flushTransport(
  transport: object,
  options: { readonly timeoutMs?: number } = {},
): Promise<FlushResult> {
  const lane = laneOf(transport)
  if (lane !== undefined) return lane.flush(options)
  if (!isThreadStream(transport)) {
    throw new AzlogsError(
      'AZLOGS_CONFIG',
      'flushTransport() takes what pino.transport(), azureLogsTransport() or createAzureLogsStream() returned, not a logger.',
    )
  }
  if (transport.destroyed || transport.writableEnded) throw workerClosed()
  return askToFlush(transport, {
    timeoutMs: options.timeoutMs,
    begin: (send) => whenHandedOver(transport, send),
    unanswered: notOurs,
  })
}

/** Calls `then` when the lines that are still in this thread, which a message would overtake, are in the worker. */
function whenHandedOver(transport: ThreadStream, then: () => void): () => void {
  function proceed(): void {
    if (!transport.ready) {
      transport.once('ready', proceed)
    } else if (transport.writableNeedDrain) {
      transport.once('drain', proceed)
    } else {
      handOver(transport)
      then()
    }
  }

  proceed()
  return () => transport.off('ready', proceed).off('drain', proceed)
}

/** Less than thread-stream's buffer is left here, so that this blocks for milliseconds. */
function handOver(transport: ThreadStream): void {
  try {
    transport.flushSync()
  } catch {
    // The worker is gone; `close` says so.
  }
}

function notOurs(waitedMs: number): AzlogsError {
  return new AzlogsError(
    'AZLOGS_CONFIG',
    `No target of @azlogs/pino answered within ${waitedMs} ms. Is there one among this transport's targets?`,
  )
}

function isThreadStream(value: object): value is ThreadStream {
  return 'worker' in value && 'flushSync' in value && 'emit' in value
}
