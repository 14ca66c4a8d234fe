import type { IncomingMessage } from 'node:http'

/** What arrived of a request's body. Only bodies within the limit are kept; the others are counted. */
export type ReceivedBody =
  | { readonly kind: 'complete'; readonly bytes: Buffer; readonly wireBytes: number }
  | { readonly kind: 'tooLarge'; readonly wireBytes: number }
  | { readonly kind: 'aborted' }

/** A body beyond this is not even read to its end to answer in peace. */
const DRAIN_LIMIT_BYTES = 64 * 1024 * 1024

/**
 * Reads a body in bounded memory. A body over the limit is read to its end without being kept, because a client that is
 * answered while it still writes often sees a reset and not the answer. Never rejects.
 */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<ReceivedBody> {
  const declaredBytes = Number(request.headers['content-length'] ?? 0)
  if (declaredBytes > DRAIN_LIMIT_BYTES) {
    return Promise.resolve({ kind: 'tooLarge', wireBytes: declaredBytes })
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let wireBytes = 0
    const settle = (body: ReceivedBody): void => {
      request.off('data', take)
      resolve(body)
    }
    const take = (chunk: Buffer): void => {
      wireBytes += chunk.length
      if (wireBytes <= limitBytes) chunks.push(chunk)
      else chunks.length = 0
      if (wireBytes > DRAIN_LIMIT_BYTES) settle({ kind: 'tooLarge', wireBytes })
    }
    request.on('data', take)
    request.once('end', () =>
      settle(
        wireBytes > limitBytes
          ? { kind: 'tooLarge', wireBytes }
          : { kind: 'complete', bytes: Buffer.concat(chunks, wireBytes), wireBytes },
      ),
    )
    request.once('error', () => settle({ kind: 'aborted' }))
    request.once('close', () => settle({ kind: 'aborted' }))
  })
}
