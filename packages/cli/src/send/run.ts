import { Readable } from 'node:stream'

import { LogsIngestionClient } from '@azlogs/core'

import { usageError } from '../cli-error.ts'
import type { ExitCode } from '../cli-error.ts'
import type { Run } from '../command.ts'
import { readDestination } from '../destination-args.ts'
import { failureText } from '../failure-text.ts'
import { findLock } from '../find-lock.ts'
import type { Output } from '../output.ts'
import type { SendArgs } from './command.ts'
import { describeLostColumn, dryRun, printDryRun } from './dry-run.ts'
import { formatBytes, formatCount } from './numbers.ts'
import { isFileContent, peek } from './peek.ts'
import { createProgress } from './progress.ts'
import type { Mapping } from './row-source.ts'
import { sendFile } from './send-file.ts'
import type { SendFileOptions, SentFile } from './send-file.ts'
import { sendStdin } from './send-stdin.ts'

export const run: Run<SendArgs> = async ({ args, out }) => {
  const given = readDestination(args)
  const lock = await findLock(args.schema)
  const map = args.map as Mapping | 'auto'
  const packing = args.packing as 'uncompressed' | 'compressed'
  const files = args._
  checkFiles(args)
  if (args['dry-run']) {
    const runs = []
    for (const file of files) runs.push(await dryRun(file, { map, lock, packing }))
    const isSound = runs.map((result) => printDryRun(result, lock, out)).every(Boolean)
    out.data({ files: runs })
    if (isSound) return 0
    out.note(
      failureText({
        code: 'AZL4005',
        message: 'Azure would not store all of this as it is.',
        remedy: `azlogs diff --from ${files.join(' ')}   # what the table would have to have`,
      }),
    )
    return 1
  }

  // The first signal ends the upload in good order; the second finds no handler and ends the process.
  const ending = new AbortController()
  const end = (): void => ending.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)

  const shared = {
    map,
    lock,
    restart: args.restart,
    maxConcurrency: positiveInteger('--concurrency', args.concurrency),
    signal: ending.signal,
    progress: createProgress(process.stderr, !args.quiet && !out.json),
  }
  if (files[0] === '-') {
    const { head, whole } = await peek(process.stdin as AsyncIterable<Buffer>, 2)
    if (!isFileContent(head)) {
      const stats = await sendStdin(whole, {
        destination: given,
        packing,
        map,
        lock,
        echo: args.quiet || out.json ? undefined : process.stdout,
        onProblem: ({ kind, message }) => out.note(`azlogs: ${kind}: ${message}`),
        onDetected: (format) => out.note(`azlogs: lines of ${format} (--map says otherwise)`),
      })
      const { delivered, quarantined, dropped, requests } = stats
      out.note(
        `azlogs: ${formatCount(delivered, 'record')} accepted in ${formatCount(requests, 'request')}, ${quarantined} refused, ${dropped} lost`,
      )
      out.data({ delivered, quarantined, dropped, requests })
      return quarantined + dropped === 0 ? 0 : 1
    }
    return send([['-', Readable.from(whole)]], args, out, { ...shared, given, packing })
  }
  return send(
    files.map((file) => [file, undefined]),
    args,
    out,
    { ...shared, given, packing },
  )
}

interface Shared extends Omit<SendFileOptions, 'client' | 'destination' | 'statePath' | 'failedPath'> {
  readonly given: ReturnType<typeof readDestination>
  readonly packing: 'uncompressed' | 'compressed'
}

async function send(
  inputs: readonly (readonly [path: string, input: Readable | undefined])[],
  args: SendArgs,
  out: Output,
  { given, packing, ...shared }: Shared,
): Promise<ExitCode> {
  const { ruleId = '', streamName = '' } = given
  await using client = new LogsIngestionClient(given.endpoint ?? '', given.credential, { packing })
  const sent: SentFile[] = []
  for (const [path, input] of inputs) {
    if (shared.signal.aborted) break
    const base = path === '-' ? 'stdin' : path
    const result = await sendFile(path, input, {
      ...shared,
      client,
      destination: { ...given, ruleId, streamName },
      statePath: input === undefined ? (args.state ?? `${base}.azlogs-state`) : undefined,
      failedPath: args.failed ?? `${base}.failed.ndjson`,
    })
    sent.push(result)
    out.line(summaryOf(result))
    for (const loss of Object.entries(result.lostColumns)) out.line(`  ! ${describeLostColumn(loss)}`)
    for (const failure of result.failures) out.note(failureText(failure))
    // What stopped this file would stop the next.
    if (result.failures.some(({ code }) => code === 'AZL4004')) break
  }
  out.data({ files: sent })
  return sent.every(({ failures }) => failures.length === 0) && sent.length === inputs.length ? 0 : 1
}

function summaryOf(sent: SentFile): string {
  const { file, mapping, acceptedCount, skippedCount, failedCount, malformedCount } = sent
  const counts = [
    `${formatCount(acceptedCount, 'record')} accepted`,
    ...(skippedCount === 0 ? [] : [`${formatCount(skippedCount, '')} before`]),
    ...(failedCount === 0 ? [] : [`${formatCount(failedCount, '')} refused`]),
    ...(malformedCount === 0 ? [] : [`${formatCount(malformedCount, '')} malformed`]),
  ]
  const bytes = `${formatBytes(sent.uncompressedBytes)}, ${formatBytes(sent.compressedBytes)} gzipped`
  const retries = sent.retryCount === 0 ? '' : `, ${sent.retryCount} of them repeated`
  return `${file}: ${counts.join(', ')} in ${formatCount(sent.requestCount, 'request')}${retries} (${bytes}); mapping: ${mapping}`
}

function checkFiles({ _: files, state, failed, 'dry-run': isDryRun }: SendArgs): void {
  const single = [state === undefined ? [] : ['--state'], failed === undefined ? [] : ['--failed']].flat()
  if (files.length > 1 && single.length > 0) {
    throw usageError(`${single.join(' and ')} can be given for one file only.`, 'Send the files one by one.')
  }
  if (files.includes('-') && files.length > 1) {
    throw usageError('- (stdin) cannot be sent together with files.', 'Send them one by one.')
  }
  if (files.includes('-') && isDryRun) {
    throw usageError(
      '--dry-run reads files, not stdin.',
      'Write the lines to a file first: node app.js > app.ndjson',
    )
  }
}

function positiveInteger(flag: string, value: string): number {
  const number = Number(value)
  if (Number.isInteger(number) && number > 0) return number
  throw usageError(`${flag} is ${JSON.stringify(value)}.`, `Give a whole number above 0: ${flag} 5`)
}
