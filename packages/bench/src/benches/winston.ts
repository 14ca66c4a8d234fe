import type { Bench } from '../bench.ts'
import { measureLoggers } from '../logger-rounds.ts'
import { medianRatio } from '../rounds.ts'
import type { Sample } from '../rounds.ts'

/** What a winston transport adds to a busy application, beside others that ship logs. */
export const winston: Bench = async (run) => {
  const { title, subjects, samples, bestPeer } = await measureLoggers(
    'winston',
    {
      null: { foreign: true, silent: true },
      azlogs: {},
      'azlogs worker': {},
      '@axiomhq/winston': { foreign: true },
      'winston-loki': { foreign: true },
      '@logtail/winston': { foreign: true },
    },
    run,
  )
  const added = (turns: readonly Sample[]): readonly Sample[] =>
    turns.map(({ cpuMicros = Number.NaN }, round) => ({
      cpuMicros: cpuMicros - (samples.null[round]?.['cpuMicros'] ?? Number.NaN),
    }))
  return {
    title,
    subjects,
    targets: [
      {
        text: 'CPU added to that of a transport that does nothing, times the best peer’s',
        value: medianRatio(added(samples.azlogs), added(bestPeer('cpuMicros')), 'cpuMicros'),
        bound: { atMost: 0.35 },
      },
      {
        text: 'peak RSS, times the smallest peer’s',
        value: medianRatio(samples.azlogs, bestPeer('peakRssMb'), 'peakRssMb'),
        bound: { atMost: 0.5 },
      },
    ],
  }
}
