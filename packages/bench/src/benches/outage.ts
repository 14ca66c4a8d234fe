import type { Bench } from '../bench.ts'
import { startReceiver } from '../receiver/receiver.ts'
import { figuresOf } from '../rounds.ts'
import type { Sample } from '../rounds.ts'
import { runSubject } from '../subject.ts'
import { createTemporaryFolder } from '../temporary-folder.ts'

const OUTAGES = ['refuses', 'hangs'] as const
const MODES = ['memory', 'spill', 'wal'] as const
const OUTAGE_MS = 60_000
const LEAST_OUTAGE_MS = 2000

interface Result extends Sample {
  readonly rows: number
  readonly buffersMore: number
  readonly recoverySeconds: number
  readonly dropped: number
  readonly unaccounted: number
}

interface Run {
  readonly mode: string
  readonly name: string
  readonly sample: Result
}

/** An endpoint that is gone for a minute, and one that takes what comes and answers nothing. Three at once, and once: none is busy. */
export const outage: Bench = async ({ scale, progress }) => {
  const outageMs = Math.max(LEAST_OUTAGE_MS, OUTAGE_MS * scale)
  const runs: Run[] = []
  for (const kind of OUTAGES) {
    const some = await Promise.all(MODES.map((mode) => measure(kind, mode, outageMs)))
    for (const { name, sample } of some) {
      progress(`${name}: ${sample.dropped} dropped, recovered in ${sample.recoverySeconds.toFixed(1)} s`)
    }
    runs.push(...some)
  }
  const samples = runs.map(({ sample }) => sample)
  const spooled = runs.filter(({ mode }) => mode !== 'memory').map(({ sample }) => sample)
  const worst = (some: readonly Sample[], figure: string): number =>
    Math.max(...some.map((sample) => sample[figure] ?? Number.NaN))
  return {
    title: `5,000 rows a second, and the endpoint out of order for ${outageMs / 1000} s`,
    subjects: runs.map(({ name, sample }) => ({
      name,
      figures: figuresOf([sample], {
        startRssMb: 'MB RSS before',
        peakRssMb: 'MB peak RSS',
        recoverySeconds: 's to recover',
        dropped: 'dropped',
        missing: 'missing',
      }),
    })),
    targets: [
      {
        text: 'growth of the RSS, times maxBufferBytes',
        value: worst(samples, 'buffersMore'),
        bound: { atMost: 1.5 },
      },
      {
        text: 'seconds until no more waits than usual',
        value: worst(samples, 'recoverySeconds'),
        bound: { atMost: 10 },
      },
      { text: 'rows missing with a spool', value: worst(spooled, 'missing'), bound: { atMost: 0 } },
      {
        text: 'rows missing that are not counted as dropped, or the other way round',
        value: worst(samples, 'miscounted'),
        bound: { atMost: 0 },
      },
    ],
  }
}

async function measure(kind: string, mode: string, outageMs: number): Promise<Run> {
  await using receiver = await startReceiver()
  using directory = createTemporaryFolder()
  const result = await runSubject<Result>(
    'outage',
    [receiver.url, kind, String(outageMs), mode, directory.path],
    receiver,
  )
  // The shipper tells of what it dropped in a row of its own.
  const { missing, damaged } = await receiver.check({
    load: 'rows',
    count: result.rows,
    othersMayCome: true,
  })
  const name = `${kind}, ${mode}`
  if (damaged > 0) throw new Error(`${name}: ${damaged} rows damaged`)
  const miscounted = Math.abs(missing - result.dropped) + Math.abs(result.unaccounted)
  return { mode, name, sample: { ...result, missing, miscounted } }
}
