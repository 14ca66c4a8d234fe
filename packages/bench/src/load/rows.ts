import { createSeededRandom } from './seeded-random.ts'

/** A row of an upload; `Number` tells which. */
export interface Row extends Readonly<Record<string, unknown>> {
  readonly Number: number
}

const FIRST_MS = 1_800_000_000_000

/** Row `number` of every load: 313 bytes of JSON on average, the same for the same number. */
export function rowOf(number: number): Row {
  const random = createSeededRandom(number)
  const time = new Date(FIRST_MS + number * 7).toISOString()
  return {
    TimeGenerated: time,
    Level: 'info',
    SeverityNumber: 9,
    Message: `request handled in ${Math.floor(random() * 1000)} ms`,
    Logger: 'shop',
    HostName: 'web-7f9c4d5b6-x2x4z',
    ProcessId: 4711,
    Properties: {
      order: Math.floor(random() * 1_000_000),
      customer: `c-${Math.floor(random() * 50_000)}`,
      path: '/cart',
    },
    RecordId: `3f2a91c07be4-${number}`,
    EventTime: time,
    Number: number,
  }
}
