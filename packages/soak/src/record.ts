/** A record that an application has numbered: its first properties are `life` and `n`. */
export interface NumberedRecord {
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  readonly properties: Readonly<Record<string, unknown>>
}

/** One in so many is a record that a strict endpoint refuses: it would cut a string of more than 64 KB. */
const POISON_EVERY = 10_000

/** One in so many is large. */
const LARGE_EVERY = 50

export function recordOf(life: string, n: number): NumberedRecord {
  const size = n % LARGE_EVERY === LARGE_EVERY - 1 ? 5000 : 100 + (n % 200)
  const isPoison = n % POISON_EVERY === POISON_EVERY / 2
  return {
    level: n % 20 === 0 ? 'error' : n % 10 === 0 ? 'warn' : 'info',
    message: messageOf(life, n),
    properties: {
      life,
      n,
      size,
      text: 'x'.repeat(size),
      ...(isPoison ? { poison: 'p'.repeat(70_000) } : {}),
    },
  }
}

export function messageOf(life: string, n: number): string {
  return `record ${n} of ${life}`
}

/** The numbered records in the text of a spool file, of dead letters or of a refused row. */
export function* numbersIn(text: string): Generator<{ readonly life: string; readonly n: number }> {
  for (const [, life = '', n] of text.matchAll(/"life":"([^"]+)","n":(\d+)/g)) yield { life, n: Number(n) }
}
