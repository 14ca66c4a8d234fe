import { join } from 'node:path'

import type { Bench } from '../bench.ts'
import type { Cost } from '../load/cost.ts'
import { writeRowFile } from '../load/row-file.ts'
import { startReceiver } from '../receiver/receiver.ts'
import { figuresOf, inRounds, median, medianRatio, valuesOf } from '../rounds.ts'
import { runSubject } from '../subject.ts'
import { createTemporaryFolder } from '../temporary-folder.ts'

const FILE_BYTES = 2_000_000_000

/** To compare with: what an upload of rows in memory takes in the same run. */
const MEMORY_ROWS = 200_000

/** A round takes a minute or more, and most of it is one long upload: no more of them than that. */
const MOST_ROUNDS = 2

/** A file that is far larger than the memory that it may take. */
export const file: Bench = async ({ rounds, scale, progress }) => {
  await using receiver = await startReceiver()
  using folder = createTemporaryFolder()
  const path = join(folder.path, 'rows')
  const fileRows = await writeRowFile(path, FILE_BYTES * scale)
  const memoryRows = Math.ceil(MEMORY_ROWS * scale)
  const samples = await inRounds(
    ['uploadFile', 'upload'],
    Math.min(rounds, MOST_ROUNDS),
    async (way, round) => {
      const rows = way === 'upload' ? memoryRows : fileRows
      const cost =
        way === 'upload'
          ? await runSubject<Cost>('upload', ['azlogs', receiver.url, String(rows)], receiver)
          : growthOf(await runSubject<Cost & Memory>('file', [path, receiver.url], receiver))
      const { missing, damaged } = await receiver.check({ load: 'rows', count: rows })
      if (missing + damaged > 0) throw new Error(`${way}: ${missing} rows missing, ${damaged} damaged`)
      progress(`${round + 1}/${rounds} ${way} ${cost.wallMs.toFixed(0)} ms, ${cost.peakRssMb.toFixed(0)} MB`)
      return {
        ...cost,
        rowsPerSecond: (rows / cost.wallMs) * 1000,
        cpuMicros: (cost.cpuMs * 1000) / rows,
      }
    },
  )
  return {
    title: `${fileRows.toLocaleString('en')} rows, ${((FILE_BYTES * scale) / 1e9).toFixed(2)} GB of NDJSON, beside ${memoryRows.toLocaleString('en')} rows from memory`,
    subjects: (['uploadFile', 'upload'] as const).map((name) => ({
      name,
      figures: figuresOf(samples[name], {
        rowsPerSecond: { unit: 'rows/s', better: 'more' },
        cpuMicros: 'µs CPU a row',
        longestStallMs: 'ms longest stall',
        peakRssMb: 'MB peak RSS',
      }),
    })),
    targets: [
      {
        text: 'peak RSS, MB',
        value: median(valuesOf(samples.uploadFile, 'peakRssMb')),
        bound: { atMost: 200 },
      },
      {
        text: 'RSS in the last third of the time, times that in the third before',
        value: median(valuesOf(samples.uploadFile, 'growth')),
        bound: { atMost: 1.1 },
      },
      {
        text: 'throughput, times that of upload',
        value: medianRatio(samples.uploadFile, samples.upload, 'rowsPerSecond'),
        bound: { atLeast: 0.7 },
      },
    ],
  }
}

interface Memory {
  /** The resident set, at even intervals. */
  readonly rssMb: readonly number[]
}

function growthOf({ rssMb, ...cost }: Cost & Memory): Cost & { readonly growth: number } {
  const third = Math.ceil(rssMb.length / 3)
  // The first third is that of a process that has just started.
  return { ...cost, growth: median(rssMb.slice(-third)) / median(rssMb.slice(-2 * third, -third)) }
}
