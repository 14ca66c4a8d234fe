import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { defaultSchema } from '@azlogs/emulator'

import { CliError, usageError } from '../cli-error.ts'
import type { Run } from '../command.ts'
import { generateFiles } from '../generate/generate.ts'
import { readTableOptions } from '../init/options.ts'
import { fileLines, planFiles, writeFiles } from '../init/write-files.ts'
import type { InferredType } from '../schema/column-type.ts'
import { createLock } from '../schema/lock.ts'
import type { LockColumn } from '../schema/lock.ts'
import { codeChanges } from './code-changes.ts'
import type { MigrateArgs } from './command.ts'
import { guideFile } from './guide.ts'
import { migrateColumns } from './legacy-columns.ts'
import type { Migration } from './legacy-columns.ts'
import { readLegacyRows } from './legacy-rows.ts'
import type { LegacyRow } from './legacy-rows.ts'
import { functionName, unionQueryFile } from './union-query.ts'

export const run: Run<MigrateArgs> = async ({ args, out }) => {
  const { table, plan, ruleName } = readTableOptions(args)
  const rows = await readRows(args)
  const oldTable = oldTableOf(args, rows)
  const migration = migrateColumns(rows, { keepNames: args['keep-names'] === true })
  if (migration.columns.length === 0) {
    throw new CliError('AZL2001', 'No column of the sample ends in _s, _d, _b, _t or _g and has a value.', {
      remedy: `Export some rows of the old table, for example: ${EXPORT}`,
      exitCode: 2,
    })
  }
  const lock = createLock(table, lockColumns(migration), plan, ruleName)
  const changes = codeChanges(await dependenciesIn(args.package))
  const typeScriptPath = `${existsSync(join(args.out, 'src')) ? 'src/' : ''}azlogs.generated.ts`
  const planned = await planFiles(args.out, [
    ...generateFiles({ lock, ruleName, typeScriptPath }),
    unionQueryFile(lock, migration, oldTable),
    guideFile(lock, migration, oldTable, changes),
  ])
  const written = args['dry-run'] !== true
  if (written) await writeFiles(args.out, planned, () => Promise.resolve(args.force === true))

  out.line(`${oldTable} → ${table}: ${rows.length} rows, ${migration.columns.length} columns`)
  out.line()
  for (const { legacy, name, type, reason } of migration.columns)
    out.line(`  ${legacy} → ${name} ${type} (${reason})`)
  for (const { legacy, why } of migration.leftOut) out.line(`- ${legacy}: ${why}`)
  out.line()
  for (const line of fileLines(planned, written)) out.line(line)
  for (const { before, install, after } of changes) {
    out.line()
    out.line(`Instead of ${before}`)
    for (const line of [install, '', ...after]) out.line(line === '' ? '' : `  ${line}`)
  }
  out.line()
  out.line(`${functionName(lock)}.kql reads both tables. The order of the steps is in azlogs-migration.md.`)
  out.data({
    ...migration,
    oldTable,
    table,
    stream: lock.stream,
    changes,
    files: planned.map(({ file, state }) => ({ path: file.path, state })),
    written,
  })
}

const EXPORT =
  "az monitor log-analytics query --workspace <guid> --analytics-query 'OldLogs_CL | take 1000' --output json >old.json"

async function readRows(args: MigrateArgs): Promise<readonly LegacyRow[]> {
  const files = [...(args.from === undefined ? [] : [args.from]), ...args._]
  if (files.length === 0) throw usageError('azlogs migrate needs rows of the old table.', EXPORT)
  const rows = (await Promise.all(files.map(readLegacyRows))).flat()
  if (rows.length > 0) return rows
  throw new CliError('AZL2001', 'The sample has no rows.', { remedy: EXPORT, exitCode: 2 })
}

function oldTableOf(args: MigrateArgs, rows: readonly LegacyRow[]): string {
  const type = rows.map((row) => row['Type']).find((value) => typeof value === 'string' && value !== '')
  const name = args['old-table'] ?? (typeof type === 'string' ? type : undefined)
  if (name === undefined) {
    throw usageError(
      'The sample does not say which table it is from.',
      'Name it with --old-table OldLogs_CL.',
    )
  }
  if (!/^[A-Za-z]\w*_CL$/.test(name)) {
    throw usageError(`--old-table: ${JSON.stringify(name)} is no custom table.`, 'Its name ends in _CL.')
  }
  if (name.toLowerCase() === args.table.toLowerCase()) {
    throw usageError(
      `${name} is the old table; the new one needs another name.`,
      'Give one with --table, such as --table AppLogs2_CL.',
    )
  }
  return name
}

function lockColumns({ columns }: Migration): readonly LockColumn[] {
  return [
    ...defaultSchema.columns.map(({ name, type }): LockColumn =>
      name === 'Properties' ? { name, type: 'dynamic', rest: true } : { name, type: type as InferredType },
    ),
    ...columns
      .filter(({ isOfEveryRow }) => !isOfEveryRow)
      .map(({ name, type, path }) => ({ name, type, from: [path] })),
  ]
}

/** Names of the packages that an application depends on; none when there is no such file. */
async function dependenciesIn(path: string): Promise<readonly string[]> {
  try {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(await readFile(path, 'utf8')) as Readonly<
      Record<string, object | undefined>
    >
    return [...Object.keys(dependencies), ...Object.keys(devDependencies)]
  } catch {
    return []
  }
}
