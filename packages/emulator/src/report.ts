import type { Emulator } from './emulator.ts'
import { createLossTally } from './loss-tally.ts'
import { oneLine, rowLine } from './row-line.ts'
import type { Paint } from './row-line.ts'
import type { Row } from './store.ts'
import { describeLosses } from './verdict.ts'
import type { Verdict } from './verdict.ts'
import { exactly } from './viewer-json.ts'

/** What the command prints; each returns lines that end in a line feed, or nothing. */
export interface Report {
  readonly started: (emulator: Emulator, tookMs: number) => string
  readonly rows: (table: string, rows: readonly Row[]) => string
  readonly judged: (verdict: Verdict) => string
  /** The oldest rows of a table that went since the last call to stay within the retention: none says nothing. */
  readonly evicted: (table: string, rows: number) => string
  readonly closed: () => string
  /** What was counted is over. */
  readonly cleared: () => void
}

export interface ReportOptions {
  readonly paint: Paint
  /** Leave out rows. */
  readonly quiet: boolean
  /** Name the table in front of each row. */
  readonly severalTables: boolean
  /** How variables are set where the command runs. */
  readonly shell: Shell
}

export type Shell = 'posix' | 'powershell'

/** For people. */
export function createTextReport({ paint, quiet, severalTables, shell }: ReportOptions): Report {
  const tally = createLossTally()
  const warnings = (problems: readonly string[]): string =>
    problems.map((problem) => warning(problem, paint)).join('')
  return {
    started: (emulator, tookMs) => startedText(emulator, tookMs, { paint, quiet, shell }),
    rows: (table, rows) =>
      quiet ? '' : rows.map((row) => rowLine(row, paint, severalTables ? table : '')).join(''),
    judged: (verdict) => warnings(tally.count(verdict)),
    evicted: (table, rows) => warnings(tally.countEvicted(table, rows)),
    closed() {
      const problems = tally.summary()
      return problems.length === 0
        ? ''
        : `${paint('bold', 'What went wrong more than once:')}\n${warnings(problems)}`
    },
    cleared: tally.clear,
  }
}

/** For programs: one JSON object a line. */
export function createJsonReport({ quiet }: Pick<ReportOptions, 'quiet'>): Report {
  return {
    started({ url, httpsUrl, viewerUrl, caFile, ruleId, streamName, env }) {
      return line({ event: 'started', url, httpsUrl, viewerUrl, caFile, ruleId, streamName, env })
    },
    rows: (table, rows) => (quiet ? '' : rows.map((row) => line({ event: 'row', table, row })).join('')),
    judged(verdict) {
      const losses = describeLosses(verdict)
      const isFine = losses.length === 0 && verdict.status >= 200 && verdict.status < 300
      return quiet && isFine ? '' : line({ event: 'verdict', ...verdict, losses })
    },
    evicted: (table, rows) => (rows === 0 ? '' : line({ event: 'evicted', table, rows })),
    closed: () => line({ event: 'closed' }),
    cleared() {},
  }
}

function line(value: object): string {
  return `${JSON.stringify(value, exactly)}\n`
}

function warning(problem: string, paint: Paint): string {
  return `${paint('yellow', '  !')} ${oneLine(problem)}\n`
}

function startedText(
  emulator: Emulator,
  tookMs: number,
  { paint, quiet, shell }: Pick<ReportOptions, 'paint' | 'quiet' | 'shell'>,
): string {
  const { url, httpsUrl, viewerUrl, tables, faults, warnings } = emulator
  if (quiet) return `listening on ${[url, httpsUrl].filter((address) => address !== '').join(' and ')}\n`
  const at = (name: string, text: string): string =>
    `  ${paint('green', '➜')}  ${paint('bold', name)} ${text}\n`
  const names = tables.map((table) => table.name).join(', ')
  const active = faults.active.map(({ text }) => text)
  return [
    `\n  ${paint('bold', 'azlogs emulator')} ${paint('dim', `ready in ${Math.round(tookMs)} ms, with ${names}`)}\n\n`,
    at('Page:  ', paint('cyan', viewerUrl)),
    at('Ingest:', paint('cyan', [url, httpsUrl].join('  ').trimEnd())),
    ...(active.length === 0 ? [] : [at('Faults:', paint('yellow', active.join(', ')))]),
    ...warnings.map((problem) => warning(problem, paint)),
    `\n${environmentText(emulator, shell)}\n`,
  ].join('')
}

/**
 * The lines to paste. The authority is only among those for https: it would take the place of a company's own, without
 * which npm and everything else in that terminal gets no connection.
 */
export function environmentText({ env, httpsUrl }: Emulator, shell: Shell): string {
  const { NODE_EXTRA_CA_CERTS: authority = '', ...variables } = env
  return [
    'Paste this where your application runs; managed identity then needs no secret:\n\n',
    ...Object.entries(variables).map(([name, value]) => setVariable(name, value, shell)),
    ...(httpsUrl === ''
      ? []
      : [
          '\nA client that refuses http, as @azure/monitor-ingestion does, takes this endpoint instead:\n\n',
          setVariable('NODE_EXTRA_CA_CERTS', authority, shell),
          setVariable('AZURE_DCE_ENDPOINT', httpsUrl, shell),
        ]),
  ].join('')
}

function setVariable(name: string, value: string, shell: Shell): string {
  if (shell === 'powershell') return `$env:${name} = '${value.replaceAll("'", "''")}'\n`
  const quoted = /^[A-Za-z0-9_./:-]*$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`
  return `export ${name}=${quoted}\n`
}
