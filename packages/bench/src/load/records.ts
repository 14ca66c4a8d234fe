import { createSeededRandom } from './seeded-random.ts'

/** What an application logs in one call. */
export interface Record {
  readonly message: string
  readonly fields: RecordFields
}

/** `sequence` tells which record it is. */
interface RecordFields extends Readonly<globalThis.Record<string, unknown>> {
  readonly sequence: number
}

const ROUTES = ['/orders', '/orders/:id', '/cart', '/cart/items', '/search', '/login'] as const
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT'] as const

/** Requests of which the records tell, over and over: to make one is not to cost more than to log it. */
const REQUESTS = Array.from({ length: 1000 }, (_value, index) => requestOf(index))

function requestOf(seed: number): { message: string; fields: Omit<RecordFields, 'sequence'> } {
  const random = createSeededRandom(seed)
  const pick = <T>(choices: readonly T[]): T | undefined => choices[Math.floor(random() * choices.length)]
  return {
    message: `request handled in ${Math.floor(random() * 1000)} ms`,
    fields: {
      method: pick(METHODS),
      route: pick(ROUTES),
      status: random() < 0.97 ? 200 : 404,
      durationMs: Math.floor(random() * 100_000) / 100,
      customer: { id: `c-${Math.floor(random() * 50_000)}`, region: 'westeurope', premium: random() < 0.1 },
      orderId: Math.floor(random() * 1_000_000),
    },
  }
}

/** Record `sequence` of every load, the same for the same number. */
export function recordOf(sequence: number): Record {
  const { message, fields } = REQUESTS[sequence % REQUESTS.length] ?? requestOf(sequence)
  return {
    message,
    fields: {
      sequence,
      method: fields['method'],
      route: fields['route'],
      status: fields['status'],
      durationMs: fields['durationMs'],
      customer: fields['customer'],
      orderId: fields['orderId'],
    },
  }
}
