import type { FaultInput, Faults } from './faults.ts'
import type { SchemaDocument } from './read-schema.ts'
import type { Rule, Table } from './schema.ts'
import type { ScriptedAnswer } from './script.ts'
import type { QueryAnswer } from './query-runner.ts'
import type { Retention } from './retention.ts'
import type { SqlAnswer } from './sql.ts'
import type { Row } from './store.ts'
import type { ThrottleLimits } from './throttle.ts'
import type { RecordedTokenRequest } from './token-endpoint.ts'
import type { RecordedRequest } from './upload-endpoint.ts'
import type { Verdict } from './verdict.ts'

/** Options of `startEmulator`. Everything has a default. */
export interface EmulatorOptions {
  /** Port for http; 0 takes a free one. @default 0 */
  readonly port?: number
  /** Port for https; 0 takes a free one. @default 0 */
  readonly httpsPort?: number
  /** Listen on https too, with a certificate that is made at the first start and kept. @default true */
  readonly https?: boolean
  /**
   * Rules and tables: `azlogs.schema.json`, ARM JSON of deployed resources, deployment templates, or several of these.
   * @default {@link defaultSchema}
   */
  readonly schema?: SchemaDocument | readonly SchemaDocument[]
  /**
   * `azure` answers what Azure answers and keeps a verdict; `strict` answers 400 and stores nothing where Azure would
   * lose something in silence. @default 'azure'
   */
  readonly mode?: 'azure' | 'strict'
  /** SQLite file for the rows, kept across restarts. @default ':memory:' */
  readonly database?: string
  /** How much is kept; the oldest rows go first. @default 1,000,000 rows of a table, 512 MiB in all */
  readonly retention?: Retention
  /**
   * Immutable id of the first data collection rule that has none of its own.
   * @default {@link DEFAULT_RULE_ID}; derived from the name for a rule that is not deployed yet
   */
  readonly ruleId?: string
  /** `shape` takes any JWT with a right audience that has not expired, `issued` only its own. @default 'shape' */
  readonly auth?: 'issued' | 'shape'
  /** Lifetime of the tokens that it issues. @default 3600 */
  readonly tokenLifetimeSeconds?: number
  /** Directory of the built viewer page, for who works on the page. @default the one in this package */
  readonly viewerDirectory?: string
  /** What a rule takes in a minute; `false` for any amount. @default {@link ThrottleLimits}, as documented for Azure */
  readonly throttle?: ThrottleLimits | false
  /** Rows can be read this long after they were accepted, in milliseconds. @default 0 */
  readonly visibleAfterMs?: number
  /** Faults from the start on: `'429:10%, latency:200±50ms'`. @default none */
  readonly faults?: FaultInput
  /** Where the faults' sequences begin. @default 1 */
  readonly seed?: number
  /** Called with each verdict as it is reached. */
  readonly onVerdict?: (verdict: Verdict) => void
}

/** A `TokenCredential` of `@azure/core-auth`, structurally: the emulator depends on no package of Azure. */
export interface EmulatorCredential {
  /** A token for the scopes, good for `tokenLifetimeSeconds`. `expiresOnTimestamp` is epoch milliseconds. */
  getToken(
    scopes: string | readonly string[],
  ): Promise<{ readonly token: string; readonly expiresOnTimestamp: number }>
}

/** A running emulator. It listens on 127.0.0.1 only, until `close()`. */
export interface Emulator extends AsyncDisposable {
  /** The endpoint over http, without a slash at its end: `AZURE_DCE_ENDPOINT`. */
  readonly url: string
  /** The page that shows logs, verdicts and faults, on the http listener. */
  readonly viewerUrl: string
  /** Empty with `https: false`. */
  readonly httpsUrl: string
  /**
   * The query API of Log Analytics, over https unless `https: false`: the `endpoint` of a `LogsQueryClient`
   * (`@azure/monitor-query-logs`). Any workspace id will do.
   */
  readonly queryUrl: string
  /**
   * File with the certificate authority of `httpsUrl`, in PEM, in a private folder of the system's temporary folder. It
   * stays there for the next start. Empty with `https: false`.
   */
  readonly caFile: string
  /** Of the first rule. */
  readonly ruleId: string
  /** The first stream of the first rule. */
  readonly streamName: string
  /** The data collection rules that the schema came to. */
  readonly rules: readonly Rule[]
  /** The tables that the schema came to, those of the first rule first. */
  readonly tables: readonly Table[]
  /** What in the schema runs here and Azure may yet refuse at deployment, one sentence each. */
  readonly warnings: readonly string[]
  /**
   * Issues tokens in-process: a `TokenCredential` of `@azure/core-auth` for a client under test. It goes through no
   * endpoint, so `answerNextToken` does not reach it.
   */
  readonly credential: EmulatorCredential
  /** Variables for a process that is to send here, with managed identity. */
  readonly env: Readonly<Record<string, string>>
  /**
   * The stored rows, in the order in which they arrived.
   *
   * @param table defaults to the first of the schema.
   * @throws {RangeError} when the schema has no such table.
   */
  rows(table?: string): readonly Row[]
  /**
   * How many of the oldest rows went to stay within the retention, since the start or the last `clear()`.
   *
   * @param table defaults to the first of the schema.
   * @throws {RangeError} when the schema has no such table.
   */
  evictedRows(table?: string): number
  /**
   * Runs KQL over the stored rows, without a token and within 30 seconds.
   *
   * @throws {KqlError} with `code`, `line` and `column` when the query is wrong or not supported locally.
   */
  query(kql: string, options?: { readonly timespan?: string }): Promise<QueryAnswer>
  /**
   * Runs one SQL statement that reads. SQLite cannot be interrupted: statements that might never end are refused.
   *
   * @throws {TypeError} when the statement does not only read, might run away, or is no SQL.
   */
  sql(statement: string, parameters?: readonly (string | number | bigint | null)[]): SqlAnswer
  /** One for each judged upload: the last 10,000, or as many as 64 MB hold. */
  verdicts(): readonly Verdict[]
  /** Requests to the ingestion path as they arrived: the last 10,000, or as many as 64 MB hold. */
  requests(): readonly RecordedRequest[]
  /** Requests for tokens: the last 10,000, or as many as 64 MB hold. */
  tokenRequests(): readonly RecordedTokenRequest[]
  /**
   * Resolves with the rows once there are `count` or more of them.
   *
   * @throws {Error} when they do not arrive within `timeoutMs` (10,000), with the last verdicts in the message.
   */
  waitForRows(
    count: number,
    options?: { readonly table?: string; readonly timeoutMs?: number },
  ): Promise<readonly Row[]>
  /**
   * Rows as they arrive, some at a time, from this call on until `close()`, or until `signal` is aborted, which is no
   * error. Read at the pace of the consumer.
   *
   * @param table defaults to the first of the schema.
   * @throws {RangeError} when the schema has no such table.
   */
  follow(table?: string, options?: { readonly signal?: AbortSignal }): AsyncIterable<readonly Row[]>
  /**
   * Resolves with the requests once `count` or more have arrived, answered or not.
   *
   * @throws {Error} when they do not arrive within `timeoutMs` (10,000).
   */
  waitForRequests(
    count: number,
    options?: { readonly timeoutMs?: number },
  ): Promise<readonly RecordedRequest[]>
  /** @throws {Error} that names everything that Azure would have lost in silence. */
  assertNothingDropped(): void
  /**
   * Scripts the answers to the next uploads, in the order in which they arrive.
   *
   * @throws {RangeError | TypeError} when an answer makes no sense.
   */
  answerNext(...answers: readonly ScriptedAnswer[]): void
  /** The same for the next requests for a token. */
  answerNextToken(...answers: readonly ScriptedAnswer[]): void
  /** Faults for uploads, drawn at random; a scripted answer goes before them. */
  readonly faults: Faults
  /** Forgets rows, verdicts, requests, scripted answers and used limits, and sets the faults of the start again. */
  clear(): void
  /** Closes sockets at once and leaves nothing behind but the database file and the certificate. */
  close(): Promise<void>
}
