import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'

import type { Emulator } from '@azlogs/emulator'

import { startApplication } from '../examples/application.ts'
import type { Application } from '../examples/application.ts'
import { compare, total } from './comparison.ts'
import type { Comparison } from './comparison.ts'
import { startEndpoint } from './endpoint.ts'
import { FILE_LOGGER, writeLogFile } from './log-file.ts'
import { createScreen } from './screen.ts'
import type { Screen } from './screen.ts'
import { comparisonTable, grouped, introduction, megabytes, rowCard } from './presentation.ts'
import { drive } from './traffic.ts'
import type { TrafficCount } from './traffic.ts'

const REQUESTS = 6000
/** The upload begins after this many of them, and with it the endpoint's bad day. */
const CALM_REQUESTS = 1800
const REQUESTS_PER_SECOND = 600
const CONCURRENCY = 24
const FILE_LINES = 40_000

/** User-assigned managed identities, one for each application, as one would have them in Azure. */
const IDENTITIES = {
  winston: '00000000-0000-4000-8000-000000000001',
  pino: '00000000-0000-4000-8000-000000000002',
  core: '00000000-0000-4000-8000-000000000003',
} as const

type Applications = Readonly<Record<keyof typeof IDENTITIES, Application>>

/** Runs everything and resolves with the last line. What it started has ended by then, whatever happened. */
async function demo(signal: AbortSignal): Promise<string> {
  await using resources = new AsyncDisposableStack()
  const traffic: TrafficCount = { answered: 0, failed: 0 }
  let driving = false
  const endpoint = resources.use(
    await startEndpoint(() => screen.event(styleText('green', 'The endpoint has recovered.'))),
  )
  const { emulator } = endpoint
  const screen = resources.use(
    createScreen(process.stdout, () =>
      driving ? { ...endpoint, answered: traffic.answered, expected: REQUESTS } : undefined,
    ),
  )
  const directory = await mkdtemp(join(tmpdir(), 'azlogs-demo-'))
  resources.defer(() => rm(directory, { recursive: true, force: true }))
  const file = join(directory, 'access.ndjson')

  function start(script: string, clientId: string, ...commandLine: readonly string[]): Application {
    // What is meant for a proxy is not meant for loopback.
    const env = { ...emulator.env, AZURE_CLIENT_ID: clientId, PORT: '0', NO_PROXY: '127.0.0.1' }
    return resources.use(startApplication(fileURLToPath(script), { arguments: commandLine, env, signal }))
  }

  screen.print(`\n${styleText('bold', 'azlogs demo')}: records by three ways into one table\n\n`)
  const winston = start(import.meta.resolve('azlogs-example-winston-express/app.ts'), IDENTITIES.winston)
  const pino = start(import.meta.resolve('azlogs-example-pino-fastify/app.ts'), IDENTITIES.pino)
  const [winstonUrl, pinoUrl] = await Promise.all([
    urlOf(winston),
    urlOf(pino),
    writeLogFile(file, FILE_LINES),
  ])
  const { size } = await stat(file)
  screen.print(
    introduction([
      ['winston', winstonUrl, 'Express with AzureLogsTransport'],
      ['pino', pinoUrl, 'Fastify with @azlogs/pino in a worker thread'],
      ['core', 'access.ndjson', `${grouped(FILE_LINES)} lines, ${megabytes(size)}, for uploadFile`],
      ['endpoint', emulator.url, 'the Logs Ingestion API, answering as Azure would'],
    ]),
  )

  const send = (wantsMore: (started: number) => boolean): Promise<void> =>
    drive({
      urls: [winstonUrl, pinoUrl],
      requestsPerSecond: REQUESTS_PER_SECOND,
      concurrency: CONCURRENCY,
      wantsMore,
      count: traffic,
      signal,
    }).catch(async (error: unknown) => {
      throw (await crashOf([winston, pino])) ?? error
    })

  screen.event(`People come: ${grouped(REQUESTS)} HTTP requests.`)
  driving = true
  await send((started) => started < CALM_REQUESTS)

  screen.event('The upload begins.')
  const core = start(import.meta.resolve('azlogs-example-core-plain/app.ts'), IDENTITIES.core, file)
  await Promise.all([
    // Nothing of the bad day may be left for the applications' last words.
    send((started) => started < REQUESTS - CALM_REQUESTS || !endpoint.recovered),
    core.line(/^uploaded /).then(() => {
      screen.event(styleText('yellow', 'The endpoint has a bad day.'))
      endpoint.haveBadDay()
    }),
    core.exited().then(() => screen.event('The file is uploaded.')),
  ])
  driving = false

  screen.event(`All requests are answered, ${grouped(traffic.failed)} of them with a real error. SIGTERM.`)
  await Promise.all([winston.stop(), pino.stop()])
  screen.event('The applications have ended.')
  return await report({ winston, pino, core }, emulator, screen)
}

/**
 * Compares what the applications say with what is in the table, and shows it.
 *
 * @throws {Error} when anything is missing.
 */
async function report(applications: Applications, emulator: Emulator, screen: Screen): Promise<string> {
  const { winston, pino, core } = applications
  const rows = emulator.rows()
  const comparisons = compare(
    [
      {
        name: 'winston',
        clientId: IDENTITIES.winston,
        logged: { 'winston-express': await loggedBy(winston) },
      },
      { name: 'pino', clientId: IDENTITIES.pino, logged: { 'pino-fastify': await loggedBy(pino) } },
      {
        name: 'core',
        clientId: IDENTITIES.core,
        logged: { 'core-plain': await loggedBy(core), [FILE_LOGGER]: FILE_LINES },
      },
    ],
    { rows, requests: emulator.requests(), verdicts: emulator.verdicts() },
  )
  const all = total(comparisons)
  const sample = rows.find((row) => row['ErrorStack'] !== '')
  if (sample !== undefined) {
    screen.print(`\nOne of the rows, as stored:\n\n${rowCard(sample, process.stdout.columns ?? 100)}`)
  }
  screen.print(`\n${comparisonTable(comparisons, all)}\n`)
  if (all.duplicates > 0) {
    screen.print(
      styleText(
        'dim',
        '  Duplicates were stored, but the answer got lost: «summarize take_any(*) by RecordId».\n\n',
      ),
    )
  }
  if (all.lost > 0) {
    const complaints = [winston, pino, core].map((application) => application.stderr()).join('')
    throw new Error(`${all.lost} of ${all.logged} records are lost\n${complaints}`)
  }
  emulator.assertNothingDropped()
  return lastLine(all)
}

function lastLine({ logged, stored, duplicates, requests }: Comparison): string {
  return `demo ok: logged ${logged}, stored ${stored}, lost 0, duplicates ${duplicates}, requests ${requests}`
}

async function urlOf(server: Application): Promise<string> {
  const [, url = ''] = await server.line(/^listening on (http:\S+)$/)
  return url
}

async function loggedBy(application: Application): Promise<number> {
  const [, count] = await application.line(/^logged (\d+)$/)
  return Number(count)
}

/** An application that has crashed explains more than the request that it did not answer. */
async function crashOf(applications: readonly Application[]): Promise<unknown> {
  const ends = await Promise.allSettled(applications.map((application) => application.stop()))
  return ends.find((end) => end.status === 'rejected')?.reason
}

/** The messages of an error and of its causes. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${explain(error.cause)}`
}

const interruption = new AbortController()
const interrupt = (): void => interruption.abort()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
// Nobody reads on: `pnpm demo | head`.
process.stdout.on('error', interrupt)

try {
  process.stdout.write(`${await demo(interruption.signal)}\n`)
} catch (error) {
  const [headline = '', ...details] = explain(error).trim().split('\n')
  const reason = interruption.signal.aborted ? 'interrupted' : headline
  process.stdout.write([...details, `demo failed: ${reason}\n`].join('\n'))
  process.exitCode = 1
}
