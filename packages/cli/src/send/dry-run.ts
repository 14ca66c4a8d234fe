import { LogsIngestionClient } from '@azlogs/core'
import { startEmulator } from '@azlogs/emulator'

import { emulatorSchema } from '../emulator-schema.ts'
import type { Output } from '../output.ts'
import type { SchemaLock } from '../schema/lock.ts'
import { createJudge } from './losses.ts'
import type { Judgement } from './losses.ts'
import { formatBytes, formatCount } from './numbers.ts'
import { openRowSource } from './row-source.ts'
import type { Mapping } from './row-source.ts'

export interface DryRunOptions {
  readonly map: Mapping | 'auto'
  readonly lock: SchemaLock | undefined
  readonly packing: 'uncompressed' | 'compressed'
}

/** What sending a file would do. */
export interface DryRun extends Judgement {
  readonly file: string
  readonly mapping: Mapping
  readonly table: string
  readonly malformedCount: number
}

/** Sends a file into an emulator of this process, which judges it as Azure would, and keeps nothing of it. */
export async function dryRun(path: string, { map, lock, packing }: DryRunOptions): Promise<DryRun> {
  const judge = createJudge()
  await using emulator = await startEmulator({
    https: false,
    ...(lock === undefined ? {} : { schema: emulatorSchema(lock) }),
    onVerdict(verdict) {
      judge.take(verdict)
      // Rows, verdicts and requests that nobody looks at any more: a file may be larger than memory.
      queueMicrotask(() => emulator.clear())
    },
  })
  let malformedCount = 0
  const lostColumns: Record<string, number> = {}
  const source = await openRowSource(path, {
    map,
    lock,
    idPrefix: 'dry-run',
    onMalformed: () => (malformedCount += 1),
    onLost(columns) {
      for (const column of columns) lostColumns[column] = (lostColumns[column] ?? 0) + 1
    },
  })
  await using client = new LogsIngestionClient(emulator.url, emulator.credential, { packing })
  async function* rows(): AsyncGenerator<object> {
    for await (const { row } of source.rows(() => false)) yield row
  }
  await client.upload(emulator.ruleId, emulator.streamName, rows(), { onError() {} })
  const table = lock?.table ?? 'AppLogs_CL'
  const judgement = judge.sum()
  const losses = [...Object.entries(lostColumns).map(describeLostColumn), ...judgement.losses]
  return { ...judgement, file: path, mapping: source.mapping, table, malformedCount, losses }
}

/** A value that the schema has no place for, in words. */
export function describeLostColumn([column, count]: readonly [string, number]): string {
  return `${column} has no place in the schema: left out of ${formatCount(count, 'record')}`
}

/** Prints it; true when nothing would be lost. */
export function printDryRun(run: DryRun, lock: SchemaLock | undefined, out: Output): boolean {
  const { file, mapping, table, requests, rows, malformedCount, losses } = run
  const schema = lock === undefined ? `the default table ${table}` : `the schema of ${table}`
  out.line(
    `${file}: ${formatCount(rows, 'record')} in ${formatCount(requests, 'request')}, ${formatBytes(run.bytes)} (${formatBytes(run.wireBytes)} gzipped), ` +
      `the largest ${formatBytes(run.largestBytes)} (${formatBytes(run.largestWireBytes)}); mapping: ${mapping}; checked against ${schema}`,
  )
  const problems = [
    ...(malformedCount === 0 ? [] : [`${formatCount(malformedCount, 'record')} no JSON object: not sent`]),
    ...losses,
  ]
  for (const problem of problems) out.line(`  ${out.style('yellow', '!')} ${problem}`)
  return problems.length === 0
}
