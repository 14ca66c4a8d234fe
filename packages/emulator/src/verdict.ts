/** Times the service replaced by the moment of arrival, in rows, by cause. */
export interface RestampedRows {
  /** TimeGenerated was more than 2 days old. */
  readonly tooOld: number
  /** TimeGenerated was more than 1 day ahead. */
  readonly tooNew: number
  /** TimeGenerated was sent but is no datetime. */
  readonly unreadable: number
  /** Auxiliary plan, no transformation: TimeGenerated does not have six decimals. */
  readonly notMicroseconds: number
  /** TimeGenerated was not sent: no loss, the service stamps the row. */
  readonly missing: number
}

/** What Azure would have made of one ingestion request: the answer, and what the answer does not tell. */
export interface Verdict {
  /** Sent as `x-ms-request-id`. */
  readonly requestId: string
  /** Came as `x-ms-client-request-id`. */
  readonly clientRequestId?: string
  /** In ISO 8601. */
  readonly receivedAt: string
  /** From the path, also when there is no such rule. */
  readonly ruleId: string
  /** From the path, also when the rule does not declare it. */
  readonly stream: string
  /** Where its rows go: one table for each data flow of the stream; empty when the stream was not reached. */
  readonly tables: readonly string[]
  /** The fault that hit it, in the grammar of the faults: `429:10%`. */
  readonly fault?: string
  /** 0 when there was no whole answer: see `outcome`. */
  readonly status: number
  /** `reset` the connection was reset, `half` it ended in the middle of the answer, `hung` there was no answer. */
  readonly outcome: 'answered' | 'reset' | 'half' | 'hung'
  /** `error.code` of the answer. */
  readonly errorCode?: string
  /** Bytes of the body as it came. */
  readonly wireBytes: number
  /** Bytes of the body after decompression. */
  readonly inflatedBytes: number
  /** Elements of the array. */
  readonly rowsReceived: number
  /** In all tables together. */
  readonly rowsStored: number
  /** Rows for which a transformation failed, in all flows together: they are dropped. */
  readonly rowsFailed: number
  /** Rows that a transformation filtered out, in all flows together: no loss, the rule says so. */
  readonly rowsFiltered: number
  /** Elements of the array that are no objects. */
  readonly rowsDiscarded: number
  /** Members without a column of exactly that name, and in how many rows. */
  readonly droppedColumns: Readonly<Record<string, number>>
  /** Columns that a table does not have, as `Table_CL.Column`, and in how many rows. */
  readonly droppedFromTable: Readonly<Record<string, number>>
  /** Values of another JSON type that could be converted: nothing is lost. */
  readonly coercedValues: Readonly<Record<string, number>>
  /** Values that their column’s type cannot hold, so that it is null, by column. */
  readonly nulledValues: Readonly<Record<string, number>>
  /** Values over 64 KB (65,536 bytes of UTF-8), by column: they are cut. */
  readonly truncatedValues: Readonly<Record<string, number>>
  /** Rows whose TimeGenerated became the moment of arrival. */
  readonly restampedRows: RestampedRows
  /** Why the request as a whole left no row behind; `silent` when the sender got a success for it. */
  readonly nothingStored?: { readonly why: string; readonly silent: boolean }
}

/** What is lost without the sender being told, one sentence each; empty when nothing is. */
export function describeLosses(verdict: Verdict): readonly string[] {
  const { restampedRows: restamped } = verdict
  return [
    ...(verdict.nothingStored?.silent === true ? [verdict.nothingStored.why] : []),
    ...sentences(
      verdict.droppedColumns,
      (name, count) =>
        `column ${JSON.stringify(name)} is not in ${verdict.stream}: dropped from ${rows(count)}`,
    ),
    ...sentences(
      verdict.droppedFromTable,
      (name, count) => `${name} is no column of the table: dropped from ${rows(count)}`,
    ),
    ...sentences(
      verdict.nulledValues,
      (name, count) => `column ${name}: the value does not fit its type and becomes null in ${rows(count)}`,
    ),
    ...sentences(verdict.truncatedValues, (name, count) => `column ${name}: cut to 64 KB in ${rows(count)}`),
    ...(restamped.tooOld > 0
      ? [
          `TimeGenerated is more than 2 days old and is replaced by the time of arrival in ${rows(restamped.tooOld)}`,
        ]
      : []),
    ...(restamped.tooNew > 0
      ? [
          `TimeGenerated is more than 1 day ahead and is replaced by the time of arrival in ${rows(restamped.tooNew)}`,
        ]
      : []),
    ...(restamped.unreadable > 0
      ? [
          `TimeGenerated is no datetime and is replaced by the time of arrival in ${rows(restamped.unreadable)}`,
        ]
      : []),
    ...(restamped.notMicroseconds > 0
      ? [
          `TimeGenerated does not have six decimals, which the Auxiliary plan asks for, and is replaced by the time of arrival in ${rows(restamped.notMicroseconds)}`,
        ]
      : []),
    ...(verdict.rowsFailed > 0
      ? [`the transformation fails for ${rows(verdict.rowsFailed)}, and they are dropped`]
      : []),
    ...(verdict.rowsDiscarded > 0
      ? [`${verdict.rowsDiscarded} of the array's elements are no objects and are not stored`]
      : []),
  ]
}

/** The status, or what there was in the place of a whole answer. */
export function describeAnswer({ status, outcome, nothingStored }: Verdict): string {
  switch (outcome) {
    case 'half':
      return 'half an answer'
    case 'hung':
      return 'no answer'
    case 'reset':
      return nothingStored?.silent === false ? 'reset before storing' : 'reset after storing'
    default:
      return String(status)
  }
}

/** One line for a log or an error message. */
export function describeVerdict(verdict: Verdict): string {
  const size =
    verdict.inflatedBytes > 0 && verdict.inflatedBytes !== verdict.wireBytes
      ? `${verdict.wireBytes} bytes of gzip (${verdict.inflatedBytes} inflated)`
      : `${verdict.wireBytes} bytes`
  const code = verdict.errorCode === undefined ? '' : ` ${verdict.errorCode}`
  const filtered = verdict.rowsFiltered === 0 ? '' : ` (${rows(verdict.rowsFiltered)} filtered)`
  const outcome =
    verdict.tables.length === 0
      ? verdict.stream
      : `${rows(verdict.rowsStored)} -> ${verdict.tables.join(', ')}${filtered}`
  const why = verdict.nothingStored === undefined ? '' : `: ${verdict.nothingStored.why}`
  return `${describeAnswer(verdict)}${code} ${outcome}, ${size}${why}`
}

function sentences(
  counts: Readonly<Record<string, number>>,
  describe: (name: string, count: number) => string,
): readonly string[] {
  return Object.entries(counts).map(([name, count]) => describe(name, count))
}

function rows(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`
}
