import type { Bench } from '../bench.ts'
import { startReceiver } from '../receiver/receiver.ts'
import { figuresOf, inRounds, median, valuesOf } from '../rounds.ts'
import { runSubject } from '../subject.ts'
import { createTemporaryFolder } from '../temporary-folder.ts'

const MODES = ['memory', 'spill', 'wal'] as const
const ROWS = 100_000

/** What a spool costs a process that logs while the service is well. */
export const spool: Bench = async ({ rounds, scale, progress }) => {
  await using receiver = await startReceiver()
  const rows = Math.ceil(ROWS * scale)
  const samples = await inRounds(MODES, rounds, async (mode, round) => {
    using directory = createTemporaryFolder()
    const cost = await runSubject<{ readonly cpuMicros: number }>(
      'shipper',
      [receiver.url, String(rows), '1', mode, directory.path],
      receiver,
    )
    const { missing, damaged, repeated } = await receiver.check({ load: 'rows', count: rows })
    if (missing + damaged + repeated > 0) {
      throw new Error(`${mode}: ${missing} rows missing, ${damaged} damaged, ${repeated} repeated`)
    }
    progress(`${round + 1}/${rounds} ${mode} ${cost.cpuMicros.toFixed(1)} µs CPU a row`)
    return cost
  })
  const memory = valuesOf(samples.memory, 'cpuMicros')
  const more = (mode: 'spill' | 'wal'): number =>
    median(valuesOf(samples[mode], 'cpuMicros').map((cost, round) => cost - (memory[round] ?? Number.NaN)))
  return {
    title: `${rows.toLocaleString('en')} rows of 313 bytes in bursts of 100; the first quarter is not measured`,
    subjects: MODES.map((name) => ({
      name,
      figures: figuresOf(samples[name], { cpuMicros: 'µs CPU a row' }),
    })),
    targets: (['spill', 'wal'] as const).map((mode) => ({
      text: `µs CPU a row more than in memory, ${mode}`,
      value: more(mode),
      bound: { atMost: 2 },
    })),
  }
}
