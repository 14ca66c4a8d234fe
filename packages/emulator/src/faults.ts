import { faultProblems, faultText, readFaults } from './fault-text.ts'
import type { FaultRule } from './fault-rule.ts'

/** A fault that is set, and what it has done. */
export interface ActiveFault {
  /** The rule as text, in the grammar of {@link Faults.set}: `429:10%`. */
  readonly text: string
  /** The same, as data. */
  readonly rule: FaultRule
  /** Requests that it has hit. */
  readonly hits: number
  /** When it ends by its `for`, in ISO 8601. */
  readonly endsAt?: string
}

/** Faults as text (`'429:10%, latency:200±50ms'`), or a list of texts and rules. */
export type FaultInput = string | readonly (string | FaultRule)[]

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
   * @throws {TypeError} that lists every rule that cannot be understood; the faults then stay as they were.
   */
  set(faults: FaultInput): void
  /**
   * Makes these the faults, as `set` does, but those of them that are active go on: with their hits, their sequence and
   * the time of their `for`.
   *
   * @throws {TypeError} as `set` does.
   */
  change(faults: FaultInput): void
  /** Removes all faults. */
  clear(): void
}

/** What befalls one request. */
export interface Fault {
  readonly delayMs: number
  /** What happens in place of, or after, handling it normally. */
  readonly effect?: Exclude<FaultRule, { readonly kind: 'latency' }>
  /** Every rule that takes part. */
  readonly text: string
}

export interface FaultEngine extends Faults {
  /** Draws for the request that has just arrived. */
  readonly next: () => Fault | undefined
}

interface Entry {
  readonly rule: FaultRule
  readonly text: string
  readonly draw: () => number
  readonly endsAtMs: number
  hits: number
}

function describeEntry({ rule, text, hits, endsAtMs }: Entry): ActiveFault {
  const endsAt = endsAtMs === Infinity ? {} : { endsAt: new Date(endsAtMs).toISOString() }
  return { text, rule, hits, ...endsAt }
}

/**
 * Each rule draws from a sequence of its own once for each request: what it hits does not depend on the other rules, only
 * on the seed and on the order of arrival.
 */
export function createFaults({
  seed = 1,
  now = Date.now,
}: { readonly seed?: number; readonly now?: () => number } = {}): FaultEngine {
  let entries: readonly Entry[] = []
  const isActive = ({ rule, hits, endsAtMs }: Entry): boolean =>
    hits < (rule.times ?? Infinity) && now() < endsAtMs

  function replace(faults: FaultInput, kept: readonly Entry[]): void {
    const setAtMs = now()
    const counts = new Map<string, number>()
    const left = [...kept]
    entries = readInput(faults).map((rule) => {
      const text = faultText(rule)
      const same = counts.get(text) ?? 0
      counts.set(text, same + 1)
      const place = left.findIndex((entry) => entry.text === text)
      const [running] = place === -1 ? [] : left.splice(place, 1)
      return (
        running ?? {
          rule,
          text,
          draw: createSequence(`${seed}/${text}/${same}`),
          endsAtMs: setAtMs + (rule.forMs ?? Infinity),
          hits: 0,
        }
      )
    })
  }

  return {
    seed,
    get active() {
      return entries.filter(isActive).map(describeEntry)
    },
    set: (faults) => replace(faults, []),
    change: (faults) => replace(faults, entries.filter(isActive)),
    clear() {
      entries = []
    },
    next() {
      let delayMs = 0
      let effect: Fault['effect']
      const texts: string[] = []
      for (const entry of entries.filter(isActive)) {
        const { rule } = entry
        // Both are drawn whatever comes of it, so that one rule does not shift another's sequence.
        const isHit = entry.draw() < (rule.rate ?? 1)
        const spread = entry.draw() * 2 - 1
        if (!isHit || (effect !== undefined && rule.kind !== 'latency')) continue
        if (rule.kind === 'latency') delayMs += rule.delayMs + spread * (rule.jitterMs ?? 0)
        else effect = rule
        entry.hits += 1
        texts.push(entry.text)
      }
      if (texts.length === 0) return undefined
      return { delayMs, text: texts.join(', '), ...(effect === undefined ? {} : { effect }) }
    },
  }
}

function readInput(faults: FaultInput): readonly FaultRule[] {
  const rules: FaultRule[] = []
  const problems: string[] = []
  for (const input of typeof faults === 'string' ? [faults] : faults) {
    const read = typeof input === 'string' ? readFaults(input) : { rules: [input], problems: [] }
    problems.push(...read.problems)
    for (const rule of read.rules) {
      rules.push(rule)
      problems.push(...faultProblems(rule).map((problem) => `${JSON.stringify(faultText(rule))}: ${problem}`))
    }
  }
  if (problems.length > 0) throw new TypeError(`The faults cannot be set:\n  ${problems.join('\n  ')}`)
  return rules
}

/** Numbers from 0 up to 1, the same for the same name: FNV-1a into mulberry32. */
function createSequence(name: string): () => number {
  let state = 0x811c9dc5
  for (const character of name) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
