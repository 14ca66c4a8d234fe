import type { IncomingMessage } from 'node:http'

/** What arrived of a request's body. Only bodies within the limit are kept; the others are counted. */
export type ReceivedBody =
  | { readonly kind: 'complete'; readonly bytes: Buffer; readonly wireBytes: number }
  | { readonly kind: 'tooLarge'; readonly wireBytes: number }
  | { readonly kind: 'aborted' }

/** A body beyond this is not even read to its end to answer in peace. */
const DRAIN_LIMIT_BYTES = 64 * 1024 * 1024

/** More bodies are on their way than all requests together may hold. */
export class OverloadedError extends Error {
  /** What had arrived of the body that was one too many. */
  readonly wireBytes: number

  constructor(wireBytes: number) {
    super()
    this.wireBytes = wireBytes
  }
}

/** What the bodies of all requests together may hold in memory. */
export interface BodyBudget {
  /** For one request; false when there is not enough left. */
  readonly take: (bytes: number) => boolean
}

const FIRST_BUFFER_BYTES = 16 * 1024

/**
 * Reads a body in bounded memory. A body over the limit is read to its end without being kept, because a client that is
 * answered while it still writes often sees a reset and not the answer.
 *
 * @throws {OverloadedError} when the budget is used up.
 */
export function readBody(
  request: IncomingMessage,
  limitBytes: number,
  budget: BodyBudget,
): Promise<ReceivedBody> {
  const declaredBytes = Number(request.headers['content-length'] ?? 0)
  if (declaredBytes > DRAIN_LIMIT_BYTES) {
    return Promise.resolve({ kind: 'tooLarge', wireBytes: declaredBytes })
  }
  return new Promise((resolve, reject) => {
    // Copied together: the chunks of a hostile client are a byte each, and each would be an object.
    let kept = Buffer.alloc(0)
    let wireBytes = 0
    const settle = (body: ReceivedBody | OverloadedError): void => {
      request.off('data', take)
      if (body instanceof OverloadedError) reject(body)
      else resolve(body)
    }
    const keep = (chunk: Buffer): boolean => {
      if (wireBytes > kept.length) {
        const size = Math.min(Math.max(FIRST_BUFFER_BYTES, kept.length * 2, wireBytes), limitBytes)
        if (!budget.take(size - kept.length)) return false
        const larger = Buffer.allocUnsafeSlow(size)
        kept.copy(larger)
        kept = larger
      }
      chunk.copy(kept, wireBytes - chunk.length)
      return true
    }
    const take = (chunk: Buffer): void => {
      wireBytes += chunk.length
      if (wireBytes > limitBytes) kept = Buffer.alloc(0)
      else if (!keep(chunk)) settle(new OverloadedError(wireBytes))
      if (wireBytes > DRAIN_LIMIT_BYTES) settle({ kind: 'tooLarge', wireBytes })
    }
    request.on('data', take)
    request.once('end', () =>
      settle(
        wireBytes > limitBytes
          ? { kind: 'tooLarge', wireBytes }
          : { kind: 'complete', bytes: kept.subarray(0, wireBytes), wireBytes },
      ),
    )
    request.once('error', () => settle({ kind: 'aborted' }))
    request.once('close', () => settle({ kind: 'aborted' }))
  })
}
