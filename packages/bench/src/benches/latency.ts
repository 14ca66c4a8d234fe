import { setTimeout as wait } from 'node:timers/promises'

import type { Bench } from '../bench.ts'
import { startChild } from '../child.ts'
import type { Child } from '../child.ts'
import { startReceiver } from '../receiver/receiver.ts'
import type { Receiver } from '../receiver/receiver.ts'
import { figuresOf, inRounds, medianRatio } from '../rounds.ts'
import type { Latencies, Order } from '../subjects/requests-process.ts'
import type { ServerMessage, ServerRequest } from '../subjects/server-process.ts'

interface Candidate {
  /** The arguments of the server: the host and the transport. */
  readonly logging: readonly string[]
  readonly foreign?: true
  /** It sends nothing. */
  readonly silent?: true
  /** How long after a record it may still have something to send, in milliseconds: others are not to be measured meanwhile. */
  readonly trailMs?: number
}

/** What sends nothing is there twice: how much the two differ tells how exact the figures are. */
const CANDIDATES = {
  'winston, null': { logging: ['winston', 'null'], foreign: true, silent: true },
  'winston, azlogs': { logging: ['winston', 'azlogs'], trailMs: 5500 },
  '@axiomhq/winston': { logging: ['winston', '@axiomhq/winston'], foreign: true, trailMs: 1500 },
  'winston-loki': { logging: ['winston', 'winston-loki'], foreign: true, trailMs: 1500 },
  'winston, null again': { logging: ['winston', 'null'], foreign: true, silent: true },
  'pino/file': { logging: ['pino', 'pino/file'], foreign: true, silent: true },
  'pino, azlogs': { logging: ['pino', 'azlogs'], trailMs: 5500 },
  '@axiomhq/pino': { logging: ['pino', '@axiomhq/pino'], foreign: true, trailMs: 1500 },
  'pino-loki': { logging: ['pino', 'pino-loki'], foreign: true, trailMs: 1500 },
  'pino/file again': { logging: ['pino', 'pino/file'], foreign: true, silent: true },
} as const satisfies Readonly<Record<string, Candidate>>

type Name = keyof typeof CANDIDATES

/** Requests of one turn: some seconds, in which each transport sends more than once. */
const REQUESTS = 2000

/** At the beginning of a turn connections are made. */
const WARM_UP_SHARE = 1 / 5

/** At the start neither side has compiled anything, and requests pile up. */
const FIRST_REQUESTS = 3000

/** A rate at which a machine of two slow cores, which runs both sides and the receiver, is far from its limit. */
const PER_SECOND = 400

/** The machine's own pauses come and go within seconds: turns are short, and there are more of them. */
const TURNS_A_ROUND = 2

/** What a transport adds to the answers of a server that is well below its limit. */
export const latency: Bench = async ({ rounds, scale, progress }) => {
  const names = Object.keys(CANDIDATES) as Name[]
  const requests = Math.ceil(REQUESTS * scale)
  const firstRequests = Math.ceil(FIRST_REQUESTS * scale)
  const turns = rounds * TURNS_A_ROUND
  await using stack = new AsyncDisposableStack()
  const client = stack.use(startChild<Order, Latencies>('subjects/requests-process.ts', [], {}))

  async function send(server: Server, count: number, warmUp: number): Promise<Latencies> {
    const answer = client.message()
    client.send({ url: `${server.url}/orders`, count, warmUp, perSecond: PER_SECOND })
    return answer
  }

  const servers = new Map<Name, Server>()
  for (const name of names) {
    const server = stack.use(await startServer(name))
    servers.set(name, server)
    await send(server, firstRequests, 0)
  }
  const samples = await inRounds(names, turns, async (name, turn) => {
    const server = servers.get(name) as Server
    const latencies = await send(server, requests, Math.ceil(requests * WARM_UP_SHARE))
    const { trailMs = 0 }: Candidate = CANDIDATES[name]
    await wait(trailMs * scale)
    progress(`${turn + 1}/${turns} ${name} p99 ${latencies.p99Ms.toFixed(2)} ms`)
    return { ...latencies }
  })
  const lost = new Map<Name, number>()
  for (const name of names) {
    lost.set(name, await lossOf(name, servers.get(name) as Server, firstRequests + turns * requests))
  }

  const again = (
    [
      ['winston', 'winston, null again', 'winston, null'],
      ['pino', 'pino/file again', 'pino/file'],
    ] as const
  ).map(([host, one, other]) => `${host} ${medianRatio(samples[one], samples[other], 'p99Ms').toFixed(2)}`)
  return {
    title: `${requests.toLocaleString('en')} requests to Fastify in each turn, ${PER_SECOND.toLocaleString('en')} a second, three lines logged for each; p99 of what sends nothing the second time, times that of the first: ${again.join(', ')}`,
    subjects: names.map((name) => ({
      name,
      foreign: 'foreign' in CANDIDATES[name],
      figures: figuresOf(samples[name], { medianMs: 'ms median', p99Ms: 'ms p99', worstMs: 'ms worst' }),
      remark: lost.get(name) === 0 ? undefined : `loses ${lost.get(name)} records`,
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

/** A server that runs from the first turn to the last, and what takes its records. */
interface Server extends AsyncDisposable {
  readonly url: string
  readonly process: Child<ServerRequest, ServerMessage>
  readonly receiver: Receiver
}

async function startServer(name: Name): Promise<Server> {
  await using stack = new AsyncDisposableStack()
  const receiver = stack.use(await startReceiver())
  const server = stack.use(
    startChild<ServerRequest, ServerMessage>(
      'subjects/server-process.ts',
      [...CANDIDATES[name].logging, receiver.url],
      { NODE_EXTRA_CA_CERTS: receiver.caFile },
    ),
  )
  const { url } = (await server.message()) as { readonly url: string }
  const running = stack.move()
  return { url, process: server, receiver, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** Has the server end its logging, and compares what came with what was logged. Ours have to deliver all of it. */
async function lossOf(name: Name, { process: server, receiver }: Server, logged: number): Promise<number> {
  const ended = server.message()
  server.send({ end: true })
  const { records } = (await ended) as { readonly records: number }
  const { foreign, silent }: Candidate = CANDIDATES[name]
  const { missing, damaged } = await receiver.check({
    load: 'records',
    count: silent ? 0 : records,
    othersMayCome: true,
  })
  const lost = missing + damaged
  if (records !== logged || (!foreign && lost > 0)) {
    throw new Error(`${name}: ${logged} requests, ${records} records, of which ${lost} are lost`)
  }
  return lost
}
