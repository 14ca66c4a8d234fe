import type { Emulator } from './emulator.ts'
import { describeLosses, describeVerdict } from './verdict.ts'
import type { Verdict } from './verdict.ts'

/** What the command prints; each returns text that ends in a line feed, or nothing. */
export interface Report {
  readonly started: (emulator: Emulator) => string
  readonly judged: (verdict: Verdict) => string
}

export function createReport(options: { readonly json: boolean; readonly quiet: boolean }): Report {
  const { json, quiet } = options
  return {
    started: json ? startedJson : quiet ? startedLine : startedBlock,
    judged(verdict) {
      const losses = describeLosses(verdict)
      if (quiet && losses.length === 0 && verdict.status >= 200 && verdict.status < 300) return ''
      if (json) return `${JSON.stringify({ event: 'verdict', ...verdict, losses })}\n`
      const time = verdict.receivedAt.slice(11, 23)
      return [`${time} ${describeVerdict(verdict)}`, ...losses.map((loss) => `  ! ${loss}`), ''].join('\n')
    },
  }
}

function startedJson({ url, httpsUrl, caFile, ruleId, streamName, env }: Emulator): string {
  return `${JSON.stringify({ event: 'started', url, httpsUrl, caFile, ruleId, streamName, env })}\n`
}

function startedLine({ url, httpsUrl }: Emulator): string {
  return `listening on ${url} and ${httpsUrl}\n`
}

function startedBlock(emulator: Emulator): string {
  const variables = Object.entries(emulator.env).map(([name, value]) => `export ${name}=${shellQuote(value)}`)
  return `${startedLine(emulator)}
Paste this where your application runs; managed identity then needs no secret:

${variables.join('\n')}

A client that refuses http, as @azure/monitor-ingestion does, takes this endpoint instead:

export AZURE_DCE_ENDPOINT=${emulator.httpsUrl}

`
}

function shellQuote(value: string): string {
  return /^[A-Za-z0-9_./:-]*$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`
}
