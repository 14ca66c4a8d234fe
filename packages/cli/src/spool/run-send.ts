import { createShipper, listSpool, replaySpool } from '@azlogs/core'
import type { SpoolInstance } from '@azlogs/core'

import { usageError } from '../cli-error.ts'
import type { Run } from '../command.ts'
import { readDestination } from '../destination-args.ts'
import { failureText } from '../failure-text.ts'
import { formatCount } from '../send/numbers.ts'
import type { SpoolSendArgs } from './command.ts'
import { readingSpool } from './spool-error.ts'

export const run: Run<SpoolSendArgs> = async ({ args, out }) => {
  const { directory } = args
  const { endpoint, credential, ...given } = readDestination(args)
  const minutes = Number(args.minutes)
  if (!(minutes > 0))
    throw usageError(`--minutes is ${JSON.stringify(args.minutes)}.`, 'Give a number above 0.')
  // Rows never go anywhere but where they were meant to go: the files say it, and the flags only choose among them.
  const named = onlyDestination(await readingSpool(directory, listSpool(directory)))
  const rule = args['rule-id'] ?? named?.rule ?? given.ruleId
  const stream = args.stream ?? named?.stream ?? given.streamName
  await using shipper = createShipper({
    credential,
    retryForMs: minutes * 60_000,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(rule === undefined ? {} : { ruleId: rule }),
    ...(stream === undefined ? {} : { streamName: stream }),
    onProblem: ({ kind, message }) => out.note(`azlogs: ${kind}: ${message}`),
  })
  const only = { ...(rule === undefined ? {} : { rule }), ...(stream === undefined ? {} : { stream }) }
  const { files, records, damaged, skipped } = await readingSpool(
    directory,
    replaySpool(directory, shipper, { only }),
  )
  const { quarantined } = shipper.stats()
  out.line(
    `${formatCount(records - quarantined, 'record')} delivered from ${formatCount(files, 'file')}, ${quarantined} refused, ${damaged} damaged`,
  )
  for (const { path, reason } of skipped) out.line(`  ! ${path}: ${reason}`)
  out.data({ files, records, damaged, quarantined, skipped })
  if (skipped.length + quarantined === 0) return 0
  out.note(
    failureText({
      code: 'AZL5003',
      message: `${formatCount(skipped.length, 'file')} not sent, ${formatCount(quarantined, 'record')} refused`,
      remedy:
        'azlogs doctor   # finds what is wrong with the way there; what was not sent is still in the spool',
    }),
  )
  return 1
}

/** The one stream of the one rule that all waiting files are for; undefined when there are several. */
function onlyDestination(
  instances: readonly SpoolInstance[],
): { readonly rule: string; readonly stream: string } | undefined {
  const headers = instances.flatMap(({ files }) => files).flatMap(({ header }) => header ?? [])
  const [first] = headers
  return first !== undefined &&
    headers.every(({ rule, stream }) => rule === first.rule && stream === first.stream)
    ? first
    : undefined
}
