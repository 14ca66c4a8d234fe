import { createRowFitter, readRecordTexts } from '@azlogs/core/internal'
import type { RecordText } from '@azlogs/core/internal'
import type { Row, UploadFileInput } from '@azlogs/core'

import { formatOf } from '../lines/line-format.ts'
import { createLineReader } from '../lines/line-reader.ts'
import { parseLine } from '../lines/parse-line.ts'
import { columnPaths } from '../schema/lock.ts'
import type { SchemaLock } from '../schema/lock.ts'
import { withExactNumbers } from '../exact-numbers.ts'

/** How records become rows: as the transport of that logger makes them, or not at all. */
export type Mapping = 'pino' | 'winston' | 'none'

/** Records that are looked at to find out whose they are. */
const LOOKED_AT = 100

/** The records of a file as rows. */
export interface RowSource {
  readonly mapping: Mapping
  /** Rows with the number of their record, in order. Records for which `skips` is true, and malformed ones, are left out. */
  rows(skips: (index: number) => boolean): AsyncGenerator<{ readonly index: number; readonly row: Row }>
}

export interface RowSourceOptions {
  readonly map: Mapping | 'auto'
  readonly lock: SchemaLock | undefined
  /** The beginning of each row's `RecordId`; the record's number follows. The same file gives the same ids again. */
  readonly idPrefix: string
  /** Called for each record that is no JSON object. */
  readonly onMalformed: (record: RecordText) => void
  /** Called for values that the schema has no place for. */
  readonly onLost: (columns: readonly string[]) => void
}

/** Opens a file. Looks at its first records when it is not said whose they are. */
export async function openRowSource(input: UploadFileInput, options: RowSourceOptions): Promise<RowSource> {
  const { lock, idPrefix } = options
  const texts = readRecordTexts(input)
  const first: RecordText[] = []
  while (first.length < LOOKED_AT) {
    const step = await texts.next()
    if (step.done === true) break
    first.push(step.value)
  }
  const mapping = options.map === 'auto' ? mappingOf(first) : options.map
  const reader =
    mapping === 'none' ? undefined : createLineReader({ format: mapping, columns: columnPaths(lock) })
  const fit = lock === undefined ? undefined : createRowFitter(lock)

  function rowOf({ text, position }: RecordText): Row | undefined {
    const record = text === undefined ? undefined : parseLine(text)
    if (record === undefined) return undefined
    let row: Row = { ...record }
    if (reader !== undefined) {
      const read = reader.readRecord(record)
      row = read.row
      if (read.format !== 'row') row['RecordId'] = `${idPrefix}-${position.index}`
    }
    if (fit !== undefined) {
      const fitted = fit(row)
      if (fitted.lost.length > 0) options.onLost(fitted.lost)
      row = fitted.row
    }
    return withExactNumbers(row)
  }

  return {
    mapping,
    async *rows(skips) {
      for await (const record of chain(first, texts)) {
        const { index } = record.position
        if (skips(index)) continue
        const row = rowOf(record)
        if (row === undefined) options.onMalformed(record)
        else yield { index, row }
      }
    },
  }
}

function mappingOf(records: readonly RecordText[]): Mapping {
  const counts = { pino: 0, winston: 0, none: 0 }
  for (const { text } of records) {
    const record = text === undefined ? undefined : parseLine(text)
    if (record === undefined) continue
    const format = formatOf(record)
    counts[format === 'pino' || format === 'winston' ? format : 'none'] += 1
  }
  if (counts.none > counts.pino + counts.winston) return 'none'
  if (counts.pino + counts.winston === 0) return 'none'
  return counts.pino >= counts.winston ? 'pino' : 'winston'
}

async function* chain(
  first: readonly RecordText[],
  rest: AsyncGenerator<RecordText, void>,
): AsyncGenerator<RecordText, void> {
  try {
    yield* first
    yield* rest
  } finally {
    await rest.return()
  }
}
