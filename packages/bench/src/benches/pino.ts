import type { Bench } from '../bench.ts'
import { measureLoggers } from '../logger-rounds.ts'
import { medianRatio } from '../rounds.ts'

/** What a pino transport costs a busy application, beside a file and beside others that ship logs. */
export const pino: Bench = async (run) => {
  const { title, subjects, samples, bestPeer } = await measureLoggers(
    'pino',
    {
      'pino/file': { foreign: true, silent: true },
      azlogs: {},
      'azlogs passthrough': {},
      'pino-loki': { foreign: true },
      '@axiomhq/pino': { foreign: true },
      '@logtail/pino': { foreign: true },
      'pino-opentelemetry-transport': { foreign: true },
    },
    run,
  )
  const peer = bestPeer('cpuMicros')
  return {
    title,
    subjects,
    targets: [
      {
        text: 'CPU of the main thread, times that of pino/file',
        value: medianRatio(samples.azlogs, samples['pino/file'], 'mainThreadMicros'),
        bound: { atMost: 1.1 },
      },
      {
        text: 'CPU of all threads, times the best peer’s',
        value: medianRatio(samples.azlogs, peer, 'cpuMicros'),
        bound: { atMost: 0.65 },
      },
      {
        text: 'CPU of all threads with mapping: passthrough, times the best peer’s',
        value: medianRatio(samples['azlogs passthrough'], peer, 'cpuMicros'),
        bound: { atMost: 0.5 },
      },
    ],
  }
}
