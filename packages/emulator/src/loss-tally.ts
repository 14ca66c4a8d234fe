import { describeAnswer, describeLosses } from './verdict.ts'
import type { Verdict } from './verdict.ts'

/** Something that goes wrong again and again, counted. */
interface Counted {
  /** The sentence with `#` for its number. */
  readonly sentence: string
  uploads: number
  total: number
}

export interface LossTally {
  /** What is worth a line now: each kind of problem when it is new, and when it has come 10, 100, 1000 … times. */
  readonly count: (verdict: Verdict) => readonly string[]
  /** The same for rows that went to stay within the retention. */
  readonly countEvicted: (table: string, rows: number) => readonly string[]
  /** Every problem that came more than once, with its totals. */
  readonly summary: () => readonly string[]
  readonly clear: () => void
}

/** An application whose column names have no end is told so once. */
const MAX_KINDS = 1_000
const OTHERS = 'something else: the page shows each upload'

/** The same problem in a thousand uploads is one problem. */
export function createLossTally(): LossTally {
  const counted = new Map<string, Counted>()

  function add(sentence: string, number: number): readonly string[] {
    const key = counted.has(sentence) || counted.size < MAX_KINDS ? sentence : OTHERS
    const entry = counted.get(key) ?? { sentence: key, uploads: 0, total: 0 }
    counted.set(key, entry)
    entry.uploads += 1
    entry.total += number
    return isPowerOfTen(entry.uploads) ? [describe(entry)] : []
  }

  return {
    count(verdict) {
      const refusal = refusalOf(verdict)
      return [
        ...(refusal === undefined ? [] : add(refusal, 0)),
        ...describeLosses(verdict).flatMap((loss) => {
          const { sentence, number } = withoutNumber(loss)
          return add(sentence, number)
        }),
      ]
    },
    countEvicted: (table, rows) =>
      rows === 0 ? [] : add(`${table}: the retention is full, and the oldest # row had to go`, rows),
    summary: () => [...counted.values()].filter(({ uploads }) => uploads > 1).map(describe),
    clear: () => counted.clear(),
  }
}

/** Why the sender was not told that its rows were stored. */
function refusalOf(verdict: Verdict): string | undefined {
  const { status, errorCode, stream, nothingStored } = verdict
  if (status >= 200 && status < 300) return undefined
  const answer = `${describeAnswer(verdict)}${errorCode === undefined ? '' : ` ${errorCode}`}`
  const why = nothingStored === undefined || nothingStored.silent ? '' : `: ${nothingStored.why}`
  return `${answer} for ${stream}${why}`
}

/** How many rows, in the sentences of `describeLosses`. */
const NUMBER = /\b\d+(?= rows?\b| of the array's elements\b)/

function withoutNumber(sentence: string): { readonly sentence: string; readonly number: number } {
  const [number] = NUMBER.exec(sentence) ?? []
  return number === undefined
    ? { sentence, number: 0 }
    : { sentence: sentence.replace(NUMBER, '#').replace('# rows', '# row'), number: Number(number) }
}

function describe({ sentence, uploads, total }: Counted): string {
  const text = sentence.replace('# row', total === 1 ? '1 row' : `${total} rows`).replace('#', String(total))
  return uploads === 1 ? text : `${text} (in ${uploads} uploads)`
}

function isPowerOfTen(count: number): boolean {
  return /^10*$/.test(String(count))
}
