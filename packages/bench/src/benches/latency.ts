import type { Bench } from '../bench.ts'
import { startChild } from '../child.ts'
import { startReceiver } from '../receiver/receiver.ts'
import type { Receiver } from '../receiver/receiver.ts'
import { figuresOf, inRounds, medianRatio } from '../rounds.ts'
import type { Sample } from '../rounds.ts'
import { runSubject } from '../subject.ts'
import type { ServerMessage } from '../subjects/server-process.ts'

interface Server {
  /** The arguments of the server: the host and the transport. */
  readonly logging: readonly string[]
  readonly foreign?: true
  /** It sends nothing. */
  readonly silent?: true
}

const SERVERS = {
  'winston, null': { logging: ['winston', 'null'], foreign: true, silent: true },
  'winston, azlogs': { logging: ['winston', 'azlogs'] },
  '@axiomhq/winston': { logging: ['winston', '@axiomhq/winston'], foreign: true },
  'winston-loki': { logging: ['winston', 'winston-loki'], foreign: true },
  'pino/file': { logging: ['pino', 'pino/file'], foreign: true, silent: true },
  'pino, azlogs': { logging: ['pino', 'azlogs'] },
  '@axiomhq/pino': { logging: ['pino', '@axiomhq/pino'], foreign: true },
  'pino-loki': { logging: ['pino', 'pino-loki'], foreign: true },
} as const satisfies Readonly<Record<string, Server>>

type Name = keyof typeof SERVERS

const REQUESTS = 6000

/** At the start neither side has compiled anything, and requests pile up. */
const WARM_UP_SHARE = 1 / 3

/** A rate at which a machine of two slow cores, which runs both sides and the receiver, is far from its limit. */
const PER_SECOND = 1000

/** What a transport adds to the answers of a server that is well below its limit. */
export const latency: Bench = async ({ rounds, scale, progress }) => {
  await using receiver = await startReceiver()
  const requests = Math.ceil(REQUESTS * scale)
  const names = Object.keys(SERVERS) as Name[]
  const samples = await inRounds(names, rounds, async (name, round) => {
    const sample = await measure(name, SERVERS[name], requests, receiver)
    progress(`${round + 1}/${rounds} ${name} p99 ${sample['p99Ms']?.toFixed(2)} ms`)
    return sample
  })
  return {
    title: `${requests.toLocaleString('en')} requests to Fastify, ${PER_SECOND.toLocaleString('en')} a second, three lines logged for each; the first third is not measured`,
    subjects: names.map((name) => ({
      name,
      foreign: 'foreign' in SERVERS[name],
      figures: figuresOf(samples[name], {
        medianMs: 'ms median',
        p99Ms: 'ms p99',
        worstMs: 'ms worst',
        lost: 'records lost',
      }),
    })),
    targets: [
      {
        text: 'p99 with winston, times that of a transport that does nothing',
        value: medianRatio(samples['winston, azlogs'], samples['winston, null'], 'p99Ms'),
        bound: { atMost: 1.05 },
      },
      {
        text: 'p99 with pino, times that of pino/file',
        value: medianRatio(samples['pino, azlogs'], samples['pino/file'], 'p99Ms'),
        bound: { atMost: 1.05 },
      },
    ],
  }
}

async function measure(name: Name, server: Server, requests: number, receiver: Receiver): Promise<Sample> {
  await using child = startChild<{ readonly end: true }, ServerMessage>(
    'subjects/server-process.ts',
    [...server.logging, receiver.url],
    { NODE_EXTRA_CA_CERTS: receiver.caFile },
  )
  const { url } = (await child.message()) as { readonly url: string }
  const times = await runSubject<Sample>(
    'requests',
    [`${url}/orders`, String(requests), String(Math.ceil(requests * WARM_UP_SHARE)), String(PER_SECOND)],
    receiver,
  )
  const ended = child.message()
  child.send({ end: true })
  const { records } = (await ended) as { readonly records: number }
  const { missing, damaged } = await receiver.check({
    load: 'records',
    count: server.silent ? 0 : records,
    othersMayCome: true,
  })
  const lost = missing + damaged
  if (records !== requests || (!server.foreign && lost > 0)) {
    throw new Error(`${name}: ${requests} requests, ${records} records, of which ${lost} are lost`)
  }
  return { ...times, lost }
}
