import type { Bench } from '../bench.ts'
import type { Cost } from '../load/cost.ts'
import { startReceiver } from '../receiver/receiver.ts'
import { figuresOf, inRounds, median, medianRatio, valuesOf } from '../rounds.ts'
import { runSubject } from '../subject.ts'

const PROGRAMS = ['azlogs', 'official', 'limit'] as const
const ROWS = 200_000

/** One-shot upload of rows in memory, beside the official client and beside the least that an upload can be. */
export const upload: Bench = async ({ rounds, scale, progress }) => {
  await using receiver = await startReceiver()
  const rows = Math.ceil(ROWS * scale)
  const samples = await inRounds(PROGRAMS, rounds, async (program, round) => {
    const cost = await runSubject<Cost>('upload', [program, receiver.url, String(rows)], receiver)
    const { missing, damaged } = await receiver.check({ load: 'rows', count: rows })
    if (missing + damaged > 0) {
      throw new Error(`${program}: ${missing} rows missing, ${damaged} damaged`)
    }
    progress(
      `${round + 1}/${rounds} ${program} ${cost.wallMs.toFixed(0)} ms, CPU ${cost.cpuMs.toFixed(0)} ms`,
    )
    return { ...cost, rowsPerSecond: (rows / cost.wallMs) * 1000, cpuMicros: (cost.cpuMs * 1000) / rows }
  })
  return {
    title: `${rows.toLocaleString('en')} rows of 313 bytes from memory, https, 5 requests at once`,
    subjects: PROGRAMS.map((name) => ({
      name,
      foreign: name !== 'azlogs',
      figures: figuresOf(samples[name], {
        rowsPerSecond: { unit: 'rows/s', better: 'more' },
        cpuMicros: 'µs CPU a row',
        longestStallMs: 'ms longest stall',
        peakRssMb: 'MB peak RSS',
      }),
    })),
    targets: [
      {
        text: 'throughput, times the official client’s',
        value: medianRatio(samples.azlogs, samples.official, 'rowsPerSecond'),
        bound: { atLeast: 2 },
      },
      {
        text: 'CPU, times the official client’s',
        value: medianRatio(samples.azlogs, samples.official, 'cpuMs'),
        bound: { atMost: 0.6 },
      },
      {
        text: 'CPU, times the bare program’s',
        value: medianRatio(samples.azlogs, samples.limit, 'cpuMs'),
        bound: { atMost: 1.25 },
      },
      {
        text: 'longest stall of the event loop, ms',
        value: median(valuesOf(samples.azlogs, 'longestStallMs')),
        bound: { atMost: 20 },
      },
    ],
  }
}
