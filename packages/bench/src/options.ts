import { parseArgs } from 'node:util'

/** What the command line asks for. */
export type Options =
  | {
      readonly action: 'run'
      readonly names: readonly string[]
      readonly rounds: number
      readonly scale: number
      /** Figures are rough: targets are shown and decide nothing. */
      readonly quick: boolean
      readonly out: string
      /** Where each process writes a CPU profile. */
      readonly profiles: string | undefined
    }
  | { readonly action: 'chart'; readonly results: string; readonly chart: string }
  | { readonly action: 'compare'; readonly base: string; readonly head: string }
  | { readonly action: 'help' }

/** Wrong use of the command line; the message is for whoever typed it. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const FULL = { rounds: 5, scale: 1 }
const QUICK = { rounds: 2, scale: 0.1 }
const DEFAULT_OUT = 'results.json'

/** Words for sizes, as well as numbers. */
const SCALES: Readonly<Record<string, number>> = { full: 1, tiny: 0.005 }

export function helpFor(names: readonly string[]): string {
  return `bench [NAME …]                        runs all of them, or those that are named
  ${names.join(', ')}

  --rounds N                            turns of each subject, ${FULL.rounds} unless told
  --scale N                             part of the full load, above 0 to 1; or tiny, which is ${SCALES['tiny']}
  --quick                               ${QUICK.rounds} rounds of ${QUICK.scale} of the load: whether it runs, and no more than that
  --out FILE                            every value of every round, ${DEFAULT_OUT} in the current folder unless told
  --profiles DIR                        a CPU profile of each process, for the developer tools of Chrome; figures are higher with it

bench --compare BASE.json HEAD.json     what has become better or worse, as Markdown; exit code 1 for worse
bench --chart FILE.svg [RESULTS.json]   draws the main figures of ${DEFAULT_OUT}, or of the file that is named`
}

export function parseOptions(arguments_: readonly string[], known: readonly string[]): Options {
  const { values, positionals } = parse(arguments_)
  if (values.help) return { action: 'help' }
  if (values.compare) {
    const [base, head, ...more] = positionals
    if (base === undefined || head === undefined || more.length > 0) {
      throw new UsageError(`--compare takes two files of results, and there are ${positionals.length}`)
    }
    return { action: 'compare', base, head }
  }
  if (values.chart !== undefined) {
    const [results = DEFAULT_OUT, ...more] = positionals
    if (more.length > 0)
      throw new UsageError(`--chart takes one file of results, and here is another: ${more[0]}`)
    return { action: 'chart', results, chart: values.chart }
  }
  const stranger = positionals.find((name) => !known.includes(name))
  if (stranger !== undefined) {
    throw new UsageError(`There is no bench ${stranger}. There are ${known.join(', ')}`)
  }
  const usual = values.quick ? QUICK : FULL
  return {
    action: 'run',
    names: positionals.length > 0 ? positionals : known,
    rounds: values.rounds === undefined ? usual.rounds : roundsOf(values.rounds),
    scale: values.scale === undefined ? usual.scale : scaleOf(values.scale),
    quick: values.quick,
    out: values.out,
    profiles: values.profiles,
  }
}

function parse(arguments_: readonly string[]): ReturnType<typeof parseFlags> {
  try {
    return parseFlags(arguments_)
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function parseFlags(arguments_: readonly string[]) {
  return parseArgs({
    // pnpm hands on the `--` before arguments of a script.
    args: arguments_[0] === '--' ? arguments_.slice(1) : [...arguments_],
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      scale: { type: 'string' },
      quick: { type: 'boolean', default: false },
      out: { type: 'string', default: DEFAULT_OUT },
      profiles: { type: 'string' },
      chart: { type: 'string' },
      compare: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
}

function roundsOf(text: string): number {
  const rounds = Number(text)
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new UsageError(`--rounds ${text}: it takes a whole number of 1 or more`)
  }
  return rounds
}

function scaleOf(text: string): number {
  const scale = SCALES[text] ?? Number(text)
  if (!(scale > 0 && scale <= 1)) {
    throw new UsageError(
      `--scale ${text}: it takes a number above 0, 1 at most, or one of ${Object.keys(SCALES).join(', ')}`,
    )
  }
  return scale
}
