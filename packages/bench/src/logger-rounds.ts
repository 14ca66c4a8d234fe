import type { BenchRun, SubjectResult } from './bench.ts'
import type { Cost } from './load/cost.ts'
import { startReceiver } from './receiver/receiver.ts'
import { figuresOf, inRounds, median, valuesOf } from './rounds.ts'
import type { Sample, Samples, Unit } from './rounds.ts'
import { runSubject } from './subject.ts'

const RECORDS = 120_000
const RECORDS_PER_SECOND = 20_000

/** A logger's transport that is measured. */
export interface Candidate {
  /** Somebody else's, or nothing at all. */
  readonly foreign?: true
  /** It sends nothing: it shows what the host alone costs. */
  readonly silent?: true
}

/** What was measured of one host's transports. */
export interface LoggerRounds<Name extends string> {
  readonly title: string
  readonly samples: Samples<Name>
  readonly subjects: readonly SubjectResult[]
  /** Of the foreign transports that delivered everything each time, the one with the least of a figure. */
  readonly bestPeer: (figure: string) => readonly Sample[]
}

const UNITS: Readonly<Record<string, Unit>> = {
  mainThreadMicros: 'µs main thread a call',
  cpuMicros: 'µs CPU a record',
  longestStallMs: 'ms longest stall',
  peakRssMb: 'MB peak RSS',
  lost: 'records lost',
}

/** Logs the same records at the same rate through each transport of a host, in turns. Ours have to deliver all of them. */
export async function measureLoggers<Name extends string>(
  host: 'winston' | 'pino',
  candidates: Readonly<Record<Name, Candidate>>,
  { rounds, scale, progress }: BenchRun,
): Promise<LoggerRounds<Name>> {
  await using receiver = await startReceiver()
  const names = Object.keys(candidates) as Name[]
  const count = Math.ceil(RECORDS * scale)
  const samples = await inRounds(names, rounds, async (name, round) => {
    const cost = await runSubject<Cost & { readonly records: number }>(
      'logger',
      [host, name, receiver.url, String(count), String(RECORDS_PER_SECOND)],
      receiver,
    )
    const { foreign, silent } = candidates[name]
    const { missing, damaged, repeated } = await receiver.check({
      load: 'records',
      count: silent ? 0 : count,
    })
    const lost = missing + damaged
    if (!foreign && lost + repeated > 0) {
      throw new Error(`${name}: ${missing} records missing, ${damaged} damaged, ${repeated} repeated`)
    }
    const cpuMicros = (cost.cpuMs * 1000) / cost.records
    progress(`${round + 1}/${rounds} ${name} ${cpuMicros.toFixed(1)} µs CPU a record, ${lost} lost`)
    return { ...cost, cpuMicros, mainThreadMicros: (cost.mainThreadCpuMs * 1000) / cost.records, lost }
  })
  const peers = names.filter((name) => {
    const { foreign, silent } = candidates[name]
    return foreign && !silent && valuesOf(samples[name], 'lost').every((lost) => lost === 0)
  })
  return {
    title: `${count.toLocaleString('en')} records, ${RECORDS_PER_SECOND.toLocaleString('en')} a second, through ${host}; the first sixth is not measured`,
    samples,
    subjects: names.map((name) => ({
      name,
      foreign: candidates[name].foreign === true,
      figures: figuresOf(samples[name], UNITS),
      remark: valuesOf(samples[name], 'lost').some((lost) => lost > 0)
        ? 'loses records, and is not compared with'
        : undefined,
    })),
    bestPeer(figure) {
      const cost = (name: Name): number => median(valuesOf(samples[name], figure))
      const [best] = peers.toSorted((one, other) => cost(one) - cost(other))
      return best === undefined ? [] : samples[best]
    },
  }
}
