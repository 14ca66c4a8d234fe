import type { ShipperStats } from '@azlogs/core'

/** Counters of a pino transport. */
export interface PinoTransportStats extends ShipperStats {
  /** Lines that were no JSON object, and became rows with the text in `Message`. */
  readonly unparsedLines: number
}
