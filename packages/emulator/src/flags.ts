import { parseArgs } from 'node:util'

import { createFaults } from './faults.ts'
import type { Retention } from './retention.ts'
import type { ThrottleLimits } from './throttle.ts'

/** What the command line asks for. */
export type Flags =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] }
  | RunFlags

export interface RunFlags {
  readonly kind: 'run'
  readonly port: number
  readonly httpsPort: number
  readonly https: boolean
  readonly mode: 'azure' | 'strict'
  readonly schemaFiles: readonly string[]
  readonly database?: string
  readonly faults: readonly string[]
  readonly seed?: number
  readonly throttle?: ThrottleLimits | false
  readonly visibleAfterMs?: number
  readonly retention?: Retention
  readonly json: boolean
  readonly quiet: boolean
}

export function usage(name: string): string {
  return `${name}: the Azure Monitor Logs Ingestion API on loopback

  --port <number>           port for http, 0 takes a free one   (default 4319)
  --https-port <number>     port for https, 0 takes a free one  (default 4320)
  --no-https                http only
  --schema <file>           azlogs.schema.json or ARM JSON; may be repeated  (default: the table AppLogs_CL)
  --mode azure|strict       strict answers 400 where Azure would lose data in silence  (default azure)
  --db <file>               keep the rows in this SQLite file  (default: memory)
  --fault <rule>            429:10%, latency:200±50ms, reset-after:1%, 403:for=90s …; may be repeated
  --seed <number>           where the sequence of faults begins  (default 1)
  --throttle <share>|off    of Azure's limits for one rule, 12,000 requests and 2 GB a minute: 1%  (default 100%)
  --visible-after <time>    rows can be read this long after they came: 15s  (default 0s)
  --retention <size>        keep the newest rows: 100000 of each table, or 256MB in all  (default 1000000, 512MB)
  --json                    print one JSON object a line
  --quiet                   print no rows, only what fails or loses something
  --help
`
}

export function readFlags(argv: readonly string[]): Flags {
  let values: ReturnType<typeof parse>
  try {
    values = parse(argv)
  } catch (error) {
    return { kind: 'wrong', problems: [error instanceof Error ? error.message : String(error)] }
  }
  if (values.help) return { kind: 'help' }

  const problems: string[] = []
  const read = <T>(flag: string, text: string, reader: Reader<T>): T => {
    const value = reader.read(text)
    if (value === undefined) problems.push(`${flag} must be ${reader.expected}, not ${text}`)
    return value as T
  }
  const optional = <Name extends string, T>(
    name: Name,
    flag: string,
    text: string | undefined,
    reader: Reader<T>,
  ): Partial<Record<Name, T>> =>
    text === undefined ? {} : ({ [name]: read(flag, text, reader) } as Record<Name, T>)

  const flags: RunFlags = {
    kind: 'run',
    port: read('--port', values.port, PORT),
    httpsPort: read('--https-port', values['https-port'], PORT),
    https: !values['no-https'],
    mode: read('--mode', values.mode, MODE),
    schemaFiles: values.schema,
    ...(values.db === undefined ? {} : { database: values.db }),
    faults: values.fault,
    ...optional('seed', '--seed', values.seed, WHOLE_NUMBER),
    ...optional('throttle', '--throttle', values.throttle, THROTTLE),
    ...optional('visibleAfterMs', '--visible-after', values['visible-after'], DURATION),
    ...optional('retention', '--retention', values.retention, RETENTION),
    json: values.json,
    quiet: values.quiet,
  }
  problems.push(...values.fault.flatMap(faultProblem))
  return problems.length === 0 ? flags : { kind: 'wrong', problems }
}

function faultProblem(text: string): readonly string[] {
  try {
    createFaults().set(text)
    return []
  } catch (error) {
    return [`--fault ${text}: ${error instanceof Error ? error.message : String(error)}`]
  }
}

const parse = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    options: {
      port: { type: 'string', default: '4319' },
      'https-port': { type: 'string', default: '4320' },
      'no-https': { type: 'boolean', default: false },
      schema: { type: 'string', multiple: true, default: [] },
      mode: { type: 'string', default: 'azure' },
      db: { type: 'string' },
      fault: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string' },
      throttle: { type: 'string' },
      'visible-after': { type: 'string' },
      retention: { type: 'string' },
      json: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values

/** How the text of a flag is read; undefined when it cannot be. */
interface Reader<T> {
  readonly expected: string
  readonly read: (text: string) => T | undefined
}

const PORT: Reader<number> = {
  expected: 'a port number',
  read: (text) => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined),
}

const MODE: Reader<'azure' | 'strict'> = {
  expected: 'azure or strict',
  read: (text) => (text === 'azure' || text === 'strict' ? text : undefined),
}

const WHOLE_NUMBER: Reader<number> = {
  expected: 'a whole number',
  read: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined),
}

const AZURE_LIMITS = { requests: 12_000, bytes: 2_147_483_648 } as const

const THROTTLE: Reader<ThrottleLimits | false> = {
  expected: "off or a share of Azure's limits such as 1%",
  read(text) {
    if (text === 'off') return false
    const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? []
    if (percent === undefined || Number(percent) === 0) return undefined
    const share = Number(percent) / 100
    return {
      requests: Math.ceil(AZURE_LIMITS.requests * share),
      bytes: Math.ceil(AZURE_LIMITS.bytes * share),
    }
  },
}

const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 }

const DURATION: Reader<number> = {
  expected: 'a time such as 500ms, 15s, 2m',
  read(text) {
    const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? []
    return amount === undefined ? undefined : Number(amount) * (MS_PER_UNIT[unit] ?? 1)
  },
}

const RETENTION: Reader<Retention> = {
  expected: 'a number of rows such as 100000, or a size such as 256MB',
  read(text) {
    const [, amount, unit] = /^([1-9]\d{0,8})(MB|GB)?$/i.exec(text) ?? []
    if (amount === undefined) return undefined
    if (unit === undefined) return { maxRows: Number(amount) }
    return { maxBytes: Number(amount) * 1024 ** (unit.toUpperCase() === 'MB' ? 2 : 3) }
  },
}
