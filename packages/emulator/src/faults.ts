import type { FaultRule } from './fault-rule.ts'

/** A fault that is set, and what it has done. */
export interface ActiveFault {
  /** The rule as text, in the grammar of {@link Faults.set}: `429:10%`. */
  readonly text: string
  readonly rule: FaultRule
  /** Requests that it has hit. */
  readonly hits: number
  /** When it ends by its `for`, in ISO 8601. */
  readonly endsAt?: string
}

/** Faults that are drawn at random for each upload, from a seed: the same uploads meet the same faults again. */
export interface Faults {
  /** @default 1 */
  readonly seed: number
  /** Those that can still hit, in the order in which they were set. */
  readonly active: readonly ActiveFault[]
  /**
   * Replaces all faults and starts their sequences anew.
   *
   * @param faults rules, or text: `'429:10%, latency:200±50ms'`, `['503:5%', { kind: 'hang', rate: 0.01 }]`.
   * @throws {TypeError} that lists every rule that cannot be understood.
   */
  set(faults: string | readonly (string | FaultRule)[]): void
  clear(): void
}
