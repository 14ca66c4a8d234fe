import type { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { createProblemReporter, onProcessEnd, resolveShipperOptions } from '@azlogs/core'
import type { ProblemEvent, ProblemReporter } from '@azlogs/core'
import { cloneProblems, divideOptions, hearProblems, relayTokens } from '@azlogs/core/worker'
import pino from 'pino'

import { checkOptions, configError } from './check-options.ts'
import type { AzureLogsOptions } from './record-options.ts'
import { target } from './target.ts'
import type { PinoTransportStats } from './transport-stats.ts'

/** Events of a transport whose worker is ours. */
export interface AzureLogsTransportEvents {
  /** A loss, a refusal or a lasting failure. */
  'azlogs:problem': [problem: ProblemEvent]
  /** Counters: after each flush, and every ten seconds when they have changed. */
  'azlogs:stats': [stats: PinoTransportStats]
  ready: []
  drain: []
  finish: []
  close: []
  error: [error: Error]
}

/** pino's stream to a worker thread: give it to `pino()`. */
export interface AzureLogsTransport extends EventEmitter<AzureLogsTransportEvents> {
  /** Takes a line of pino. Its answer is about the way to the worker, and can be ignored. */
  write(line: string): boolean
  /**
   * Calls back when everything written before is delivered or accounted for (pino 10; with pino 9, when it has been handed
   * to the worker: use `flushTransport`).
   */
  flush(callback?: (error?: Error) => void): void
  /** Hands everything to the worker, blocking. It is not delivered by then. */
  flushSync(): void
  /** Delivers what is left and ends the worker. Blocks while it does, ten seconds at most. */
  end(): void
}

/**
 * Starts a worker thread that ships what is logged: `const logger = pino(azureLogsTransport(options))`. A credential
 * object and `onProblem` stay in this thread; tokens go to the worker as it needs them.
 *
 * @throws AzlogsError `AZLOGS_CONFIG`, one error that lists everything wrong with the options and the environment.
 */
export function azureLogsTransport(options: AzureLogsOptions = {}): AzureLogsTransport {
  const { scopes } = resolveShipperOptions(checkOptions(options), process.env)
  const { data, credential } = divideOptions(options)
  checkWorker(data)

  // pino's own type knows neither our events nor `flush`'s meaning.
  const transport = pino.transport({ target, options: data }) as unknown as AzureLogsTransport & {
    readonly writable: boolean
  }
  const { onProblem } = options
  const problems = createProblemReporter(onProblem)
  surviveWorker(transport, problems)
  endWithProcess(transport, problems)
  if (onProblem !== undefined) hearProblems(transport, onProblem)
  if (credential !== undefined) relayTokens(transport, credential, scopes)
  return transport
}

/** Says what pino or the worker would say later and in other words. */
function checkWorker(data: object): void {
  const problems = [...cloneProblems(data, 'Use createAzureLogsStream(), which runs in this thread.')]
  if (!existsSync(fileURLToPath(target))) {
    problems.push(
      `the worker's file ${target} is not there, probably because @azlogs/pino has been bundled. Make it an external ` +
        'package of your bundler, or use createAzureLogsStream(), which needs no file.',
    )
  }
  if (problems.length > 0) throw configError(problems)
}

/**
 * A worker that has ended costs the logs, not the application: without a listener, `error` would end that too. Lines that come too
 * late are counted at once: thread-stream would tell them a turn later, when the process may be gone.
 */
function surviveWorker(
  transport: AzureLogsTransport & { readonly writable: boolean },
  problems: ProblemReporter,
): void {
  let reason = 'it was told to'
  let isTold = false
  const tell = (lines: number): void => {
    if (!isTold) process.once('exit', () => problems.flush())
    isTold = true
    problems.report({
      kind: 'lost',
      code: 'AZLOGS_CLOSED',
      describe: (count) =>
        `The transport's worker has ended (${reason}). Lost: what it had not delivered, and ${count} lines since.`,
      recordCount: lines,
    })
  }
  transport.on('error', (error) => {
    reason = error.message
    tell(0)
  })
  const write = transport.write.bind(transport)
  transport.write = (line) => {
    if (transport.writable) return write(line)
    tell(1)
    return false
  }
}

/** pino ends its transports when the process exits, which a signal that nobody handles does not count as. */
function endWithProcess(transport: AzureLogsTransport, problems: ProblemReporter): void {
  // pino ends the worker of a stream that has been collected; a strong reference here would keep it for ever.
  const reference = new WeakRef(transport)
  const unregister = onProcessEnd({
    drain: () => undefined,
    terminate: () =>
      new Promise<void>((resolve) => {
        const open = reference.deref()
        if (open === undefined) return resolve()
        open.once('close', () => {
          // Lines that came while it was ending; a signal leaves no `exit` event to tell them.
          problems.flush()
          resolve()
        })
        open.end()
      }),
    exit() {},
  })
  transport.once('close', unregister)
}
