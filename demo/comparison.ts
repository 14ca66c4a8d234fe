import type { RecordedRequest, Row, Verdict } from '@azlogs/emulator'

/** One way into the table, and what went in by its own account. */
export interface WayIn {
  readonly name: string
  /** Its managed identity: whose token a request carries says whose request it is. */
  readonly clientId: string
  /** How many records it logged, by their `Logger`. They are numbered from 1 in `Properties.sequence`. */
  readonly logged: Readonly<Record<string, number>>
}

/** What became of the records of one way in. */
export interface Comparison {
  readonly name: string
  readonly logged: number
  /** Records that are in the table, once or more. */
  readonly stored: number
  readonly lost: number
  /** Rows that repeat the `RecordId` of another. */
  readonly duplicates: number
  readonly requests: number
  /** Requests that got no 2xx, and so were made again. */
  readonly retries: number
  /** Of JSON, in requests that were stored. */
  readonly jsonBytes: number
  /** The same, compressed. */
  readonly wireBytes: number
}

/** What the endpoint has. */
export interface Arrivals {
  readonly rows: readonly Row[]
  readonly requests: readonly RecordedRequest[]
  readonly verdicts: readonly Verdict[]
}

/**
 * Looks for each record that was logged, by the number that its application gave it.
 *
 * @throws {Error} when there are rows that nobody logged, or records that `RecordId` does not tell apart.
 */
export function compare(ways: readonly WayIn[], arrivals: Arrivals): readonly Comparison[] {
  const rowsOf = Map.groupBy(arrivals.rows, (row) => String(row['Logger']))
  const requestsOf = Map.groupBy(arrivals.requests, clientIdOf)
  const verdictOf = new Map(arrivals.verdicts.map((verdict) => [verdict.clientRequestId, verdict]))
  const known = new Set(ways.flatMap((way) => Object.keys(way.logged)))
  for (const [logger, rows] of rowsOf) {
    if (!known.has(logger))
      throw new Error(`${rows.length} rows have the unknown Logger ${JSON.stringify(logger)}`)
  }

  return ways.map(({ name, clientId, logged }) => {
    const parts = Object.entries(logged).map(([logger, count]) =>
      find(logger, count, rowsOf.get(logger) ?? []),
    )
    const requests = requestsOf.get(clientId) ?? []
    const stored = requests
      .map((request) => verdictOf.get(String(request.headers['x-ms-client-request-id'])))
      .filter((verdict) => verdict !== undefined && verdict.rowsStored > 0)
    return {
      name,
      logged: sum(parts.map((part) => part.logged)),
      stored: sum(parts.map((part) => part.stored)),
      lost: sum(parts.map((part) => part.logged - part.stored)),
      duplicates: sum(parts.map((part) => part.duplicates)),
      requests: requests.length,
      retries: requests.filter(({ status = 0 }) => status < 200 || status >= 300).length,
      jsonBytes: sum(stored.map((verdict) => verdict?.inflatedBytes ?? 0)),
      wireBytes: sum(stored.map((verdict) => verdict?.wireBytes ?? 0)),
    }
  })
}

/** All of them as one. */
export function total(comparisons: readonly Comparison[]): Comparison {
  const of = (read: (comparison: Comparison) => number): number => sum(comparisons.map(read))
  return {
    name: 'all',
    logged: of((each) => each.logged),
    stored: of((each) => each.stored),
    lost: of((each) => each.lost),
    duplicates: of((each) => each.duplicates),
    requests: of((each) => each.requests),
    retries: of((each) => each.retries),
    jsonBytes: of((each) => each.jsonBytes),
    wireBytes: of((each) => each.wireBytes),
  }
}

function find(
  logger: string,
  logged: number,
  rows: readonly Row[],
): { readonly logged: number; readonly stored: number; readonly duplicates: number } {
  const sequences = new Set(rows.map(sequenceOf))
  const recordIds = new Set(rows.map((row) => row['RecordId']))
  let stored = 0
  for (let sequence = 1; sequence <= logged; sequence += 1) if (sequences.has(sequence)) stored += 1
  if (sequences.size !== stored) {
    throw new Error(`${logger} has ${sequences.size - stored} records in the table that it does not know of`)
  }
  if (recordIds.size !== stored) {
    throw new Error(`${logger} has ${recordIds.size} RecordIds for ${stored} records`)
  }
  return { logged, stored, duplicates: rows.length - recordIds.size }
}

function sequenceOf(row: Row): unknown {
  const { Properties: properties } = row
  return typeof properties === 'object' && properties !== null
    ? Reflect.get(properties, 'sequence')
    : undefined
}

/** The emulator's tokens name the identity that they were issued to, as Azure's do. */
function clientIdOf(request: RecordedRequest): string {
  const [, claims = ''] = (request.headers.authorization ?? '').split('.')
  const { appid } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { readonly appid: string }
  return appid
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
