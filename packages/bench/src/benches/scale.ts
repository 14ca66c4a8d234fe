import type { Bench } from '../bench.ts'
import { startReceiver } from '../receiver/receiver.ts'
import { figuresOf, inRounds, median, valuesOf } from '../rounds.ts'
import { runSubject } from '../subject.ts'

/** The bare program shows what a request costs by itself, and so how flat this can be. */
const WAYS = ['upload', 'shipper', 'limit'] as const
const SIZES = [1000, 10_000, 100_000, 1_000_000] as const

/** Rows in all, where there are fewer at once: enough of them to measure. */
const LEAST_ROWS = 400_000
const SHIPPERS = [1, 10, 100] as const
const SHIPPER_ROWS = 400_000

/** A round has fifteen turns. */
const MOST_ROUNDS = 2

/** Whether a row costs the same, however many there are of them at once, and however many shippers there are. */
export const scale: Bench = async ({ rounds, scale: part, progress }) => {
  await using receiver = await startReceiver()
  const all = Math.ceil(SHIPPER_ROWS * part)

  /** Each name with what it runs: the subject, its arguments, and how many rows that sends. */
  const turns = new Map<string, { subject: string; arguments_: readonly string[]; rows: number }>()
  for (const way of WAYS) {
    for (const full of SIZES) {
      const size = Math.ceil(full * part)
      const rows = Math.max(size, Math.ceil(LEAST_ROWS * part))
      turns.set(nameOf(way, full), {
        subject: 'scale',
        arguments_: [way, receiver.url, String(size), String(rows)],
        rows,
      })
    }
  }
  for (const count of SHIPPERS) {
    turns.set(shippersName(count), {
      subject: 'shipper',
      arguments_: [receiver.url, String(all), String(count)],
      rows: all,
    })
  }

  const names = [...turns.keys()]
  const samples = await inRounds(names, Math.min(rounds, MOST_ROUNDS), async (name, round) => {
    const { subject, arguments_, rows } = turns.get(name) ?? { subject: '', arguments_: [], rows: 0 }
    const cost = await runSubject<{ readonly cpuMicros: number }>(subject, arguments_, receiver)
    const { missing, damaged } = await receiver.check({ load: 'rows', count: rows })
    if (missing + damaged > 0) throw new Error(`${name}: ${missing} rows missing, ${damaged} damaged`)
    progress(`${round + 1} ${name} ${cost.cpuMicros.toFixed(2)} µs CPU a row`)
    return cost
  })

  /** The dearest of them, times the cheapest, by the medians. */
  function spread(some: readonly string[]): number {
    const costs = some.map((name) => median(valuesOf(samples[name] ?? [], 'cpuMicros')))
    return Math.max(...costs) / Math.min(...costs)
  }

  const bare = spread(SIZES.map((size) => nameOf('limit', size))).toFixed(2)
  return {
    title: `the same rows of 313 bytes, few or many at once; with the bare program the dearest size costs ${bare} times the cheapest${part === 1 ? '' : `, at ${part} of the sizes`}`,
    subjects: names.map((name) => ({
      name,
      foreign: name.startsWith('limit'),
      figures: figuresOf(samples[name] ?? [], { cpuMicros: 'µs CPU a row' }),
    })),
    targets: [
      {
        text: 'CPU a row of one upload, the dearest size times the cheapest',
        value: spread(SIZES.map((size) => nameOf('upload', size))),
        bound: { atMost: 1.2 },
      },
      {
        text: 'CPU a row of one shipper, the dearest size times the cheapest',
        value: spread(SIZES.map((size) => nameOf('shipper', size))),
        bound: { atMost: 1.2 },
      },
      {
        text: 'CPU a row of many shippers, the dearest number times the cheapest',
        value: spread(SHIPPERS.map(shippersName)),
        bound: { atMost: 1.2 },
      },
    ],
  }
}

function nameOf(way: string, size: number): string {
  return `${way} of ${size.toLocaleString('en')}`
}

function shippersName(count: number): string {
  return count === 1 ? '1 shipper' : `${count} shippers`
}
