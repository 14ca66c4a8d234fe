import { MAX_BYTES_PER_UNIT } from './packer.ts'
import { FRAME_OVERHEAD, writeFrame } from './spool-frame.ts'

/** What the first line of a spool file says: what its rows are for, so that they never go anywhere else. */
export interface SpoolHeader {
  /** The rule's immutable id. */
  readonly rule: string
  /** The stream's name. */
  readonly stream: string
  /** The instance that made the file. */
  readonly instance: string
  /** When, in ISO 8601, by the clock of that host. For people; nothing is decided by it. */
  readonly created: string
}

/** Raised when a reader of the format before could misunderstand a file. */
const FORMAT_VERSION = 1

/** The header as the first frame of a file. */
export function encodeHeader({ rule, stream, instance, created }: SpoolHeader): Buffer {
  const json = JSON.stringify({ azlogs: FORMAT_VERSION, kind: 'spool', rule, stream, instance, created })
  const frame = Buffer.alloc(json.length * MAX_BYTES_PER_UNIT + FRAME_OVERHEAD)
  return frame.subarray(0, writeFrame(frame, 0, json))
}

/** The header in the JSON of a file's first frame; undefined when it is none, or one of another version. */
export function parseHeader(json: Buffer): SpoolHeader | undefined {
  try {
    const value: unknown = JSON.parse(json.toString())
    if (typeof value !== 'object' || value === null) return undefined
    const { azlogs, kind, rule, stream, instance, created } = value as Readonly<Record<string, unknown>>
    if (azlogs !== FORMAT_VERSION || kind !== 'spool') return undefined
    if (typeof rule !== 'string' || typeof stream !== 'string') return undefined
    if (typeof instance !== 'string' || typeof created !== 'string') return undefined
    return { rule, stream, instance, created }
  } catch {
    return undefined
  }
}
