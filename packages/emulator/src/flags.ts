import { parseArgs } from 'node:util'

/** What the command line asks for. */
export type Flags =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] }
  | RunFlags

export interface RunFlags {
  readonly kind: 'run'
  readonly port: number
  readonly httpsPort: number
  readonly mode: 'azure' | 'strict'
  readonly schemaFile?: string
  readonly database?: string
  readonly json: boolean
  readonly quiet: boolean
}

export function usage(name: string): string {
  return `${name}: the Azure Monitor Logs Ingestion API on loopback

  --port <number>        port for http, 0 takes a free one   (default 4319)
  --https-port <number>  port for https, 0 takes a free one  (default 4320)
  --schema <file>        azlogs.schema.json                  (default: the table AppLogs_CL)
  --mode azure|strict    strict answers 400 where Azure would lose data in silence  (default azure)
  --db <file>            keep the rows in this SQLite file   (default: memory)
  --json                 print one JSON object a line
  --quiet                print only requests that fail or lose something
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
  const problems = [
    ...portProblems('--port', values.port),
    ...portProblems('--https-port', values['https-port']),
    ...(isMode(values.mode) ? [] : [`--mode must be azure or strict, not ${values.mode}`]),
  ]
  if (problems.length > 0 || !isMode(values.mode)) return { kind: 'wrong', problems }
  return {
    kind: 'run',
    port: Number(values.port),
    httpsPort: Number(values['https-port']),
    mode: values.mode,
    ...(values.schema === undefined ? {} : { schemaFile: values.schema }),
    ...(values.db === undefined ? {} : { database: values.db }),
    json: values.json,
    quiet: values.quiet,
  }
}

const parse = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    options: {
      port: { type: 'string', default: '4319' },
      'https-port': { type: 'string', default: '4320' },
      schema: { type: 'string' },
      mode: { type: 'string', default: 'azure' },
      db: { type: 'string' },
      json: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values

function isMode(text: string): text is 'azure' | 'strict' {
  return text === 'azure' || text === 'strict'
}

function portProblems(flag: string, text: string): readonly string[] {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535
    ? []
    : [`${flag} must be a port number, not ${text}`]
}
