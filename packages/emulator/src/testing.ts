import { lookFor } from './ingested.ts'
import type { IngestedOptions, ObservedEmulator } from './ingested.ts'
import type { RowPattern } from './row-match.ts'
import type { Row } from './store.ts'

export type { IngestedOptions, ObservedEmulator } from './ingested.ts'
export type { RowPattern } from './row-match.ts'

/**
 * Resolves with the rows that match the pattern, as soon as they are there. For test runners without matchers, such as
 * `node:test`.
 *
 * @throws {Error} when they do not come in time, with the nearest rows and what the last uploads lost.
 * @throws {TypeError | RangeError} for a pattern, an option or a table that makes no sense.
 */
export async function assertIngested(
  emulator: ObservedEmulator,
  pattern: RowPattern,
  options: IngestedOptions = {},
): Promise<readonly Row[]> {
  const sighting = await lookFor(emulator, pattern, options, true)
  if (!sighting.pass) throw new Error(sighting.message())
  return sighting.found
}

/** @throws {Error} that names everything that Azure would have lost in silence. */
export function assertNothingDropped(emulator: { assertNothingDropped(): void }): void {
  emulator.assertNothingDropped()
}

/** What {@link matchers} adds to `expect`. */
export interface Matchers {
  /** Waits for rows that match the pattern, 10 seconds at most; with `.not` it looks at once. */
  toHaveIngested(
    this: { readonly isNot?: boolean },
    emulator: ObservedEmulator,
    pattern: RowPattern,
    options?: IngestedOptions,
  ): Promise<{
    pass: boolean
    /** The nearest rows, and what the uploads lost. */
    message: () => string
  }>
}

/** For `expect.extend(matchers)` of jest, bun and other runners with its interface. */
export const matchers: Matchers = {
  toHaveIngested(emulator, pattern, options = {}) {
    return lookFor(emulator, pattern, options, this.isNot !== true)
  },
}
