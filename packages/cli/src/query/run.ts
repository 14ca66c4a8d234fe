import { text } from 'node:stream/consumers'

import { createCredential } from '@azlogs/core/internal'

import { usageError } from '../cli-error.ts'
import type { Run } from '../command.ts'
import { readDestination } from '../destination-args.ts'
import { failureText } from '../failure-text.ts'
import type { Failure } from '../failure-text.ts'
import { createAsker } from './ask.ts'
import type { QueryArgs } from './command.ts'
import { durationOf } from './duration.ts'
import { asCsv, asObjects, asTable } from './format.ts'
import { queryPlace } from './place.ts'

export const run: Run<QueryArgs> = async ({ args, out }) => {
  const { endpoint, credential } = readDestination(args)
  const kql = (args.kql === '-' ? await text(process.stdin) : args.kql).trim()
  if (kql === '') throw usageError('The query is empty.', 'Give KQL: azlogs query "AppLogs_CL | take 10"')
  const duration = durationOf('--since', args.since)
  const place = queryPlace(endpoint, args.workspace ?? process.env['AZURE_LOG_ANALYTICS_WORKSPACE_ID'])
  const asker = createAsker(place, createCredential(credential, process.env, undefined))
  const answer = await asker.ask(kql, duration)

  const format = out.json ? 'json' : (args.format ?? 'table')
  if (format === 'csv') out.line(asCsv(answer).join('\r\n'))
  else if (format === 'json') {
    const document = { columns: answer.columns, rows: asObjects(answer) }
    if (out.json) out.data({ ...document, partialError: answer.partialError })
    else out.line(JSON.stringify(document.rows, undefined, 2))
  } else {
    for (const line of asTable(answer, process.stdout.isTTY)) out.line(line)
    out.note(`${answer.rows.length} ${answer.rows.length === 1 ? 'row' : 'rows'} of the last ${args.since}`)
  }
  if (answer.partialError === undefined) return 0
  const failure: Failure = {
    code: 'AZL6004',
    message: `Rows are missing: ${answer.partialError}`,
    remedy: 'Ask for less: a shorter --since, or | take.',
  }
  out.note(failureText(failure))
  return 1
}
