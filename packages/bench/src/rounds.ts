import type { Figure } from './bench.ts'

/** What one turn of a subject gave: figures by name. */
export type Sample = Readonly<Record<string, number>>

/** The turns of each subject, by its name. */
export type Samples<Name extends string> = Readonly<Record<Name, readonly Sample[]>>

/**
 * Runs every subject once a round, A B C A B C …, so that a machine that slows down or is busy meets all of them alike. Every other
 * round goes backwards: nobody always comes after the same neighbour.
 */
export async function inRounds<Name extends string>(
  names: readonly Name[],
  rounds: number,
  measure: (name: Name, round: number) => Promise<Sample>,
): Promise<Samples<Name>> {
  const samples = Object.fromEntries(names.map((name) => [name, [] as Sample[]])) as Record<Name, Sample[]>
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      samples[name].push(await measure(name, round))
    }
  }
  return samples
}

/** One figure of a subject, round by round. */
export function valuesOf(samples: readonly Sample[], figure: string): readonly number[] {
  return samples.map((sample) => sample[figure] ?? Number.NaN)
}

/** What a figure is measured in, and which way is better: the less, when nothing is said. */
export type Unit = string | Pick<Figure, 'unit' | 'better'>

/** The figures of a subject, with their units. */
export function figuresOf(
  samples: readonly Sample[],
  units: Readonly<Record<string, Unit>>,
): readonly Figure[] {
  return Object.entries(units).map(([name, given]) => {
    const { unit, better }: Pick<Figure, 'unit' | 'better'> =
      typeof given === 'string' ? { unit: given } : given
    return { name, unit, better, values: valuesOf(samples, name).filter(Number.isFinite) }
  })
}

/** The median of one figure of A against that of B, taken round by round: what slows a whole round cancels out. */
export function medianRatio(a: readonly Sample[], b: readonly Sample[], figure: string): number {
  const others = valuesOf(b, figure)
  return median(valuesOf(a, figure).map((value, round) => value / (others[round] ?? Number.NaN)))
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const upper = sorted[sorted.length >> 1] ?? Number.NaN
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN
  return (lower + upper) / 2
}
