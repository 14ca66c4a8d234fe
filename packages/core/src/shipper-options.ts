import { resolve } from 'node:path'

import type { CredentialOption } from './credential.ts'
import { credentialProblems } from './credential.ts'
import { checkDestination } from './destination.ts'
import type { Destination, DestinationRules } from './destination.ts'
import { AzlogsError } from './errors.ts'
import { pipelineProblems } from './pipeline.ts'
import type { CommonClientOptions } from './pipeline.ts'
import type { Problem } from './problem.ts'
import { schemaProblems } from './row-schema.ts'
import type { RowSchema } from './row-schema.ts'
import { DEFAULT_BATCH_BYTES, MAX_WIRE_BYTES } from './service.ts'
import type { SpoolConfig, SpoolOptions } from './spool-options.ts'

/** Options of a shipper. Everything but `onProblem`, `client` and a credential object is plain data. */
export interface ShipperOptions extends DestinationRules {
  /**
   * The DCR's or DCE's logs ingestion endpoint, such as `https://name-a1b2.westeurope-1.ingest.monitor.azure.com`.
   * @default AZURE_DCE_ENDPOINT
   */
  readonly endpoint?: string
  /**
   * The DCR's immutable id: `dcr-` and 32 hexadecimal digits.
   * @default AZURE_DCR_RULE_ID
   */
  readonly ruleId?: string
  /**
   * The stream that the DCR declares, such as `Custom-AppLogs_CL`.
   * @default AZURE_DCR_STREAM_NAME
   */
  readonly streamName?: string
  /**
   * Several destinations for one table, instead of `ruleId` (and `endpoint`, `streamName`) alone: each DCR takes 2 GB and
   * 12,000 requests a minute. A batch goes to the one that is least used and not throttled. What a destination leaves out
   * is that of the options above. All must be in one Azure cloud.
   * https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits
   */
  readonly destinations?: readonly DestinationOption[]
  /**
   * Who sends: a `TokenCredential`, or its description as plain data.
   * @default 'default'
   */
  readonly credential?: CredentialOption
  /**
   * Token audience.
   * @default that of the endpoint's cloud (.com, .us, .cn)
   */
  readonly audience?: string
  /** Token scopes, handed to the credential exactly as they are. Takes precedence over `audience`. */
  readonly credentialScopes?: string | readonly string[]
  /**
   * A batch older than this is sent, however small, in milliseconds.
   * @default 5000
   */
  readonly flushIntervalMs?: number
  /**
   * Uncompressed bytes of one request, brackets and commas counted.
   * @default 1_000_000
   */
  readonly maxBatchBytes?: number
  /**
   * `'compressed'` packs until the **gzipped** body nears the service's 1 MiB, and 8 MiB of JSON at most: several times
   * fewer requests, larger losses of memory when one fails. `maxBatchBytes` does not apply then.
   * @default 'uncompressed'
   */
  readonly packing?: 'uncompressed' | 'compressed'
  /**
   * Plan of the table. `'auxiliary'` writes `TimeGenerated` with six decimals and sends no two rows that are 30 minutes
   * apart in one request, as that plan demands.
   * https://learn.microsoft.com/azure/azure-monitor/logs/create-custom-table
   * @default 'analytics'
   */
  readonly plan?: 'analytics' | 'auxiliary'
  /**
   * Most requests under way at once, to each destination. How many of them are used is learnt from how it answers.
   * @default 8
   */
  readonly maxConcurrency?: number
  /**
   * Memory bound, in bytes of JSON, of all that is not yet settled. The last 20 % are kept for WARN and above, the last
   * 10 % for ERROR and above (by `SeverityNumber`).
   * @default 33_554_432
   */
  readonly maxBufferBytes?: number
  /**
   * What goes when the memory bound is reached: the new record, or the oldest batch that waits.
   * @default 'drop-newest'
   */
  readonly overflow?: 'drop-newest' | 'drop-oldest'
  /**
   * One attempt, connect to last byte, in milliseconds.
   * @default 30_000
   */
  readonly requestTimeoutMs?: number
  /**
   * How long a batch is retried, in milliseconds from its first failure. It is dropped and reported after that. While the
   * service refuses us (401, 403, 404, no token) it is kept for an hour at least. With a spool there is no limit.
   * @default 300_000
   */
  readonly retryForMs?: number
  /**
   * How long `close()` may take, in milliseconds. What is not sent by then is dropped and reported, or stays in the spool.
   * @default 5000
   */
  readonly closeTimeoutMs?: number
  /**
   * zlib level, 1–9. Level 3 takes half the time of level 6 for 12 % more bytes.
   * @default 3
   */
  readonly gzipLevel?: number
  /**
   * The columns that the stream declares, such as the content of `azlogs.schema.json`. Values are converted to the declared
   * types, and what has no column goes to `Properties`, before the service would drop it in silence.
   * @default none: rows are sent as they are
   */
  readonly schema?: RowSchema
  /**
   * Keeps rows on disk until they are delivered, so that they survive the process. There is no limit to retries then.
   * @default none: what is not delivered is in memory only
   */
  readonly spool?: SpoolOptions
  /**
   * Told of every loss, refusal and lasting failure. What repeats is told once a minute, with counts.
   * @default one line on stderr
   */
  readonly onProblem?: (problem: Problem) => void
  /** Proxy, TLS, own policies: see {@link CommonClientOptions}. */
  readonly client?: CommonClientOptions
}

/** One of several destinations. */
export interface DestinationOption {
  /** Its logs ingestion endpoint. */
  readonly endpoint?: string
  /** Its DCR’s immutable id. */
  readonly ruleId?: string
  /** The stream that this DCR declares for the table. */
  readonly streamName?: string
}

/** Options with every default filled in. */
export interface ShipperConfig {
  /** One or more. */
  readonly destinations: readonly [Destination, ...Destination[]]
  readonly credential: CredentialOption
  readonly scopes: readonly string[]
  readonly flushIntervalMs: number
  readonly maxBatchBytes: number
  readonly packing: 'uncompressed' | 'compressed'
  readonly plan: 'analytics' | 'auxiliary'
  readonly maxConcurrency: number
  readonly maxBufferBytes: number
  readonly overflow: 'drop-newest' | 'drop-oldest'
  readonly requestTimeoutMs: number
  readonly retryForMs: number
  readonly closeTimeoutMs: number
  readonly gzipLevel: number
  readonly schema: RowSchema | undefined
  readonly spool: SpoolConfig | undefined
  /** As given: without one, problems are printed on stderr. */
  readonly onProblem: ((problem: Problem) => void) | undefined
  readonly client: CommonClientOptions
}

/** The least and the most that a number may be, and what it is when it is not given. */
export interface Range {
  readonly fallback: number
  readonly min: number
  readonly max: number
}

const DAY_MS = 86_400_000

/** Every number, with its default and the least and most that make sense. */
const NUMBERS = {
  flushIntervalMs: { fallback: 5000, min: 1, max: DAY_MS },
  // gzip never makes JSON text larger, so a batch within this is within the service's limit on the wire too.
  maxBatchBytes: { fallback: DEFAULT_BATCH_BYTES, min: 1000, max: MAX_WIRE_BYTES },
  maxConcurrency: { fallback: 8, min: 1, max: 64 },
  maxBufferBytes: { fallback: 33_554_432, min: 10_000, max: Number.MAX_SAFE_INTEGER },
  requestTimeoutMs: { fallback: 30_000, min: 1, max: DAY_MS },
  retryForMs: { fallback: 300_000, min: 0, max: Number.MAX_SAFE_INTEGER },
  closeTimeoutMs: { fallback: 5000, min: 0, max: DAY_MS },
  gzipLevel: { fallback: 3, min: 1, max: 9 },
} as const satisfies Record<string, Range>

const SPOOL_NUMBERS = {
  maxBytes: { fallback: 1_073_741_824, min: 100_000, max: Number.MAX_SAFE_INTEGER },
  minFreeBytes: { fallback: 33_554_432, min: 0, max: Number.MAX_SAFE_INTEGER },
} as const satisfies Record<string, Range>

const SPOOL_OPTION_NAMES: readonly string[] = [
  ...Object.keys(SPOOL_NUMBERS),
  'directory',
  'durability',
  'fsync',
  'required',
]

/** The names of all options, for transports that take them among options of their own. */
export const SHIPPER_OPTION_NAMES: readonly string[] = [
  ...Object.keys(NUMBERS),
  'endpoint',
  'ruleId',
  'streamName',
  'credential',
  'audience',
  'credentialScopes',
  'destinations',
  'packing',
  'plan',
  'overflow',
  'schema',
  'spool',
  'onProblem',
  'client',
  'allowCustomIds',
  'allowInsecureConnection',
]

/**
 * Fills in defaults and checks everything.
 *
 * @throws AzlogsError `AZLOGS_CONFIG`, one error that lists every problem.
 */
export function resolveShipperOptions(options: ShipperOptions, env: NodeJS.ProcessEnv): ShipperConfig {
  const problems: string[] = []
  const destinations = checkDestinations(options, env, problems)
  problems.push(
    ...credentialProblems(options.credential, env),
    ...pipelineProblems(options.client ?? {}).map((problem) => `client.${problem}`),
    ...unknownOptions(options, SHIPPER_OPTION_NAMES),
  )
  if (options.schema !== undefined) problems.push(...schemaProblems(options.schema))
  const overflow = checkChoice('overflow', options.overflow, ['drop-newest', 'drop-oldest'], problems)
  const packing = checkChoice('packing', options.packing, ['uncompressed', 'compressed'], problems)
  const plan = checkChoice('plan', options.plan, ['analytics', 'auxiliary'], problems)
  if (options.onProblem !== undefined && typeof options.onProblem !== 'function') {
    problems.push(`onProblem is a ${typeof options.onProblem}; it must be a function.`)
  }
  const numbers = checkNumbers(options, NUMBERS, problems)
  const spool = options.spool === undefined ? undefined : checkSpool(options.spool, problems)
  const [first, ...others] = destinations
  if (first === undefined || problems.length > 0) throw configError('shipper', problems)
  return {
    ...numbers,
    destinations: [first, ...others],
    overflow,
    packing,
    plan,
    credential: options.credential ?? 'default',
    scopes: scopesOf(options, first.cloud.audience),
    schema: options.schema,
    spool,
    onProblem: options.onProblem,
    client: options.client ?? {},
  }
}

/** The scopes to ask tokens for: as given, else from the audience, else from the cloud's audience. */
export function scopesOf(
  options: { readonly audience?: string; readonly credentialScopes?: string | readonly string[] },
  cloudAudience: string,
): readonly string[] {
  const { credentialScopes } = options
  if (credentialScopes !== undefined)
    return typeof credentialScopes === 'string' ? [credentialScopes] : credentialScopes
  const audience = options.audience ?? cloudAudience
  return [audience.endsWith('/.default') ? audience : `${audience}/.default`]
}

/** One error for all problems of a set of options. */
export function configError(what: string, problems: readonly string[]): AzlogsError {
  const list = problems.map((problem) => `\n  - ${problem}`).join('')
  return new AzlogsError('AZLOGS_CONFIG', `The ${what} cannot be set up:${list}`, { problems })
}

function checkDestinations(
  options: ShipperOptions,
  env: NodeJS.ProcessEnv,
  problems: string[],
): readonly Destination[] {
  const shared = {
    endpoint: options.endpoint ?? env['AZURE_DCE_ENDPOINT'],
    ruleId: options.ruleId ?? env['AZURE_DCR_RULE_ID'],
    streamName: options.streamName ?? env['AZURE_DCR_STREAM_NAME'],
  }
  const { destinations } = options
  if (destinations !== undefined && (!Array.isArray(destinations) || destinations.length === 0)) {
    problems.push('destinations must be a list of one or more { endpoint, ruleId, streamName }.')
    return []
  }
  const wanted: readonly DestinationOption[] = destinations ?? [{}]
  const found = wanted.flatMap((one, index) => {
    const { destination, problems: misplaced } = checkDestination({ ...shared, ...one }, options)
    const where = destinations === undefined ? '' : `destinations[${index}]: `
    problems.push(...misplaced.map((problem) => where + problem))
    return destination === undefined ? [] : [destination]
  })
  if (new Set(found.map(({ cloud }) => cloud.audience)).size > 1) {
    problems.push(
      'destinations are in different Azure clouds; a shipper has one credential, for one of them.',
    )
  }
  return found
}

/** The value of an option that has two, of which the first is the default. */
export function checkChoice<Choice extends string>(
  name: string,
  given: Choice | undefined,
  choices: readonly [Choice, Choice],
  problems: string[],
): Choice {
  const value = given ?? choices[0]
  if (!choices.includes(value)) {
    problems.push(`${name} is ${shown(value)}; it can be '${choices.join("' or '")}'.`)
  }
  return value
}

/** Each number of `options` that has a range, or its default; what is outside its range is told as a problem. */
export function checkNumbers<Name extends string>(
  options: Readonly<Partial<Record<NoInfer<Name>, unknown>>>,
  ranges: Readonly<Record<Name, Range>>,
  problems: string[],
): Record<Name, number> {
  const names = Object.keys(ranges) as Name[]
  return Object.fromEntries(
    names.map((name) => {
      const { fallback, min, max } = ranges[name]
      const value: unknown = options[name] ?? fallback
      if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
        const most = max === Number.MAX_SAFE_INTEGER ? 'up' : max
        problems.push(`${name} is ${shown(value)}; it must be a whole number from ${min} to ${most}.`)
      }
      return [name, value]
    }),
  ) as Record<Name, number>
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

function checkSpool(options: SpoolOptions, problems: string[]): SpoolConfig | undefined {
  // Callers without types hand in anything.
  const given: unknown = options
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    problems.push(
      `spool is ${shown(given)}; it must be an object such as { directory: '/var/lib/app/spool' }.`,
    )
    return undefined
  }
  const found: string[] = unknownOptions(options, SPOOL_OPTION_NAMES).slice()
  const { directory, fsync = false, required = false } = options
  if (typeof directory !== 'string' || directory === '') {
    found.push(`directory is ${shown(directory)}; it must be the path of a directory.`)
  }
  for (const [name, value] of Object.entries({ fsync, required })) {
    if (typeof value !== 'boolean') found.push(`${name} is ${shown(value)}; it must be true or false.`)
  }
  const durability = checkChoice('durability', options.durability, ['wal', 'spill'], found)
  const numbers = checkNumbers(options, SPOOL_NUMBERS, found)
  problems.push(...found.map((problem) => `spool: ${problem}`))
  return {
    ...numbers,
    directory: typeof directory === 'string' ? resolve(directory) : '',
    durability,
    fsync,
    required,
  }
}

function unknownOptions(options: object, names: readonly string[]): readonly string[] {
  return Object.keys(options)
    .filter((name) => !names.includes(name))
    .map((name) => {
      const meant = names.find((known) => known.toLowerCase().startsWith(name.toLowerCase().slice(0, 8)))
      return `"${name}" is no option${meant === undefined ? '.' : `; did you mean ${meant}?`}`
    })
}
