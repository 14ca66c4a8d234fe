import { FRAME_OVERHEAD, writeFrame } from '../src/spool-frame.ts'
import { encodeHeader } from '../src/spool-header.ts'
import type { SpoolHeader } from '../src/spool-header.ts'

export const header: SpoolHeader = {
  rule: 'dcr-00000000000000000000000000000000',
  stream: 'Custom-AppLogs_CL',
  instance: 'host-1-0123456789ab',
  created: '2026-01-01T00:00:00.000Z',
}

/** One row, as a spool file has it. */
export function frame(json: string | Uint8Array): Buffer {
  const target = Buffer.alloc(json.length * 3 + FRAME_OVERHEAD)
  return target.subarray(0, writeFrame(target, 0, json))
}

/** A whole spool file. */
export function spoolBytes(rows: readonly string[], head: SpoolHeader = header): Buffer {
  return Buffer.concat([encodeHeader(head), ...rows.map((row) => frame(row))])
}

/** Rows such as loggers write, 313 bytes and more, with text of several bytes a letter. */
export function someRows(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      TimeGenerated: '2026-01-01T00:00:00.000Z',
      Level: 'info',
      Message: `request ${index} für 注文 "done" \n in {} 12 ms`,
      Properties: { url: '/orders/0000000a 12345678 {}', bytes: 123_456 + index, ok: true },
      RecordId: `0123456789ab-${index}`,
    }),
  )
}
