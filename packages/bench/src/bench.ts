/** A figure that was measured over and over, in the order of the rounds. */
export interface Figure {
  readonly name: string
  readonly unit: string
  /** Which way is better; without it, less is. */
  readonly better?: 'more' | undefined
  /** Empty where it does not apply to the subject. */
  readonly values: readonly number[]
}

/** What was measured of one subject. */
export interface SubjectResult {
  readonly name: string
  /** Not ours: it is there to compare with. */
  readonly foreign?: boolean
  readonly figures: readonly Figure[]
  /** What there is to say about it: what it lost, say. */
  readonly remark?: string | undefined
}

/** Something that must be so. */
export interface Target {
  readonly text: string
  readonly value: number
  /** What the value must be, at most or at least. */
  readonly bound: { readonly atMost: number } | { readonly atLeast: number }
}

/** What a bench found. */
export interface BenchResult {
  /** What was done, in a sentence. */
  readonly title: string
  readonly subjects: readonly SubjectResult[]
  readonly targets: readonly Target[]
}

/** How a bench is run. */
export interface BenchRun {
  /** Rounds, in each of which every subject has its turn. */
  readonly rounds: number
  /** Part of the full load, 1 for all of it: with less, figures are rough and targets mean little. */
  readonly scale: number
  /** Tells how far it is. */
  readonly progress: (text: string) => void
}

export type Bench = (run: BenchRun) => Promise<BenchResult>

/** Whether a value is within its bound. */
export function isMet({ value, bound }: Target): boolean {
  return 'atMost' in bound ? value <= bound.atMost : value >= bound.atLeast
}
