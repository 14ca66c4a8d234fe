import { randomInt, randomUUID } from 'node:crypto'

const MESSAGES = ['order placed', 'payment taken', 'stock is low', 'request handled', 'cache missed'] as const
const LEVELS = ['debug', 'info', 'info', 'info', 'warn', 'error'] as const

/** A row as an application's log has them: some 300 bytes, of which ids, times and amounts differ from row to row. */
export function logLine(index: number): Record<string, unknown> {
  const time = new Date(1_800_000_000_000 + index * 7).toISOString()
  return {
    TimeGenerated: time,
    Level: LEVELS[index % LEVELS.length],
    SeverityNumber: 9,
    Message: MESSAGES[randomInt(MESSAGES.length)],
    Logger: 'shop',
    HostName: 'web-7f9c4d5b6-x2x4z',
    ProcessId: 4711,
    Properties: {
      orderId: randomInt(1_000_000),
      customer: `c-${randomInt(50_000)}`,
      amount: randomInt(10_000) / 100,
    },
    RecordId: `3f2a91c07be4-${index}`,
    EventTime: time,
  }
}

/** The same with a value that no compression makes smaller, `bytes` characters long. */
export function noisyLine(index: number, bytes: number): Record<string, unknown> {
  let noise = ''
  while (noise.length < bytes) noise += randomUUID().replaceAll('-', '')
  return { ...logLine(index), Message: noise.slice(0, bytes) }
}
