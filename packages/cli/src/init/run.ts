import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { usageError } from '../cli-error.ts'
import type { Run } from '../command.ts'
import { findLock } from '../find-lock.ts'
import { generateFiles, IAC, IAC_FILES } from '../generate/generate.ts'
import type { GeneratedFile } from '../generate/generated-file.ts'
import type { Output } from '../output.ts'
import { lockOf } from '../schema/lock-of-proposal.ts'
import { createLock, LOCK_FILE } from '../schema/lock.ts'
import type { SchemaLock } from '../schema/lock.ts'
import type { Proposal } from '../schema/proposal.ts'
import { settledColumns } from '../schema/settled-columns.ts'
import { createAsker } from './ask.ts'
import type { Asker } from './ask.ts'
import type { InitArgs } from './command.ts'
import { readInitOptions } from './options.ts'
import type { InitOptions } from './options.ts'
import { noSample, sampleEmulator, sampleFiles, sampleStdin } from './sample.ts'
import type { Sample } from './sample.ts'
import { columnData, columnLines, printable } from './show-columns.ts'
import { fileLines, planFiles, writeFiles } from './write-files.ts'
import type { MayOverwrite, PlannedFile } from './write-files.ts'

export const run: Run<InitArgs> = async ({ args, out }) => {
  const previous = args.update === true ? await findLock(join(args.out, LOCK_FILE)) : undefined
  const options = readInitOptions(args, previous)
  const sample = await readSample(args, out, options, previous !== undefined)
  const proposal = sample?.inference.propose({ ...options.proposal, settled: settledColumns(previous) })
  if (sample !== undefined && proposal !== undefined) showProposal(out, sample, proposal)

  const asker = createAsker(!out.json && args.yes !== true && args['dry-run'] !== true)
  try {
    const columns = await choose(asker, proposal)
    if (columns === undefined) {
      out.note('Nothing was written.')
      return 1
    }
    const lock = buildLock(columns, options, previous)
    const planned = await plan(args, options, lock, previous)
    const written = args['dry-run'] !== true
    if (written) await writeFiles(args.out, planned, mayOverwrite(args, asker))
    for (const line of fileLines(planned, written)) out.line(line)
    out.data({
      ...(sample === undefined
        ? {}
        : { rows: sample.rows, textLines: sample.textLines, formats: sample.formats }),
      columns: columns.map(columnData),
      warnings: proposal?.warnings ?? [],
      table: lock.table,
      stream: lock.stream,
      hash: lock.hash,
      files: planned.map(({ file, state }) => ({ path: file.path, state })),
      written,
    })
    if (written) showNextSteps(out, lock)
    return 0
  } finally {
    asker?.close()
  }
}

/** Undefined when there is none and none is needed: `--update` can write everything anew from the schema alone. */
async function readSample(
  args: InitArgs,
  out: Output,
  { format }: InitOptions,
  optional: boolean,
): Promise<Sample | undefined> {
  const files = [...(args.from === undefined ? [] : [args.from]), ...args._]
  const fromDev = args['from-dev'] === true
  if (files.length === 0 && !fromDev && process.stdin.isTTY) {
    if (optional) return undefined
    throw usageError(
      'azlogs init needs lines of your application.',
      'node app.js | npx azlogs init     or     npx azlogs init --from app.ndjson',
    )
  }
  const sample = await (fromDev
    ? sampleEmulator(args['dev-url'])
    : files.length > 0
      ? sampleFiles(files, format)
      : sampleStdin(format, (line) => out.note(line)))
  if (sample.rows > 0) return sample
  if (optional && files.length === 0 && sample.textLines === 0) return undefined
  throw noSample(sample)
}

function showProposal(out: Output, sample: Sample, { columns, warnings, rows }: Proposal): void {
  const kinds = Object.entries(sample.formats).map(([format, count]) => `${count} of ${format}`)
  const others = sample.textLines === 0 ? '' : `; ${sample.textLines} lines of plain text were left out`
  out.line(`${rows} rows (${kinds.join(', ')})${others}`)
  out.line()
  for (const line of columnLines(columns)) out.line(line)
  for (const warning of warnings) out.line(printable(`! ${warning}`))
  out.line()
}

async function choose(
  asker: Asker | undefined,
  proposal: Proposal | undefined,
): Promise<Proposal['columns'] | undefined> {
  if (proposal === undefined) return []
  return asker === undefined ? proposal.columns : asker.chooseColumns(proposal.columns)
}

function buildLock(
  columns: Proposal['columns'],
  { table, plan, ruleName }: InitOptions,
  previous: SchemaLock | undefined,
): SchemaLock {
  if (previous !== undefined && columns.length === 0) {
    return createLock(previous.table, previous.columns, previous.plan, ruleName)
  }
  return lockOf(columns, { table, plan, ruleName, previous })
}

async function plan(
  args: InitArgs,
  options: InitOptions,
  lock: SchemaLock,
  previous: SchemaLock | undefined,
): Promise<readonly PlannedFile[]> {
  const typeScriptPath = `${existsSync(join(args.out, 'src')) ? 'src/' : ''}azlogs.generated.ts`
  const iac =
    options.iac ??
    (previous === undefined ? IAC : IAC.filter((way) => existsSync(join(args.out, IAC_FILES[way]))))
  const filesOf = (from: SchemaLock): readonly GeneratedFile[] =>
    generateFiles({ lock: from, ruleName: from.ruleName ?? options.ruleName, iac, typeScriptPath })
  const planned = await planFiles(args.out, filesOf(lock), previous === undefined ? [] : filesOf(previous))
  // The schema that is being updated is ours to write: its columns are in the new one.
  return planned.map((entry) =>
    previous !== undefined && entry.file.path === LOCK_FILE && entry.state === 'different'
      ? { file: entry.file, state: 'ours' as const }
      : entry,
  )
}

function mayOverwrite(args: InitArgs, asker: Asker | undefined): MayOverwrite {
  return async (paths) =>
    args.force === true || (await asker?.confirm(`Overwrite ${paths.join(', ')}?`)) === true
}

function showNextSteps(out: Output, { table }: SchemaLock): void {
  out.line()
  out.line(`${table}: next`)
  out.line('  npx azlogs dev                      try it here, without Azure')
  out.line('  infra/deploy.sh                     or main.bicep, main.tf, azuredeploy.json')
  out.line('  { ...azlogsOptions } in the options of the transport, from azlogs.generated.ts')
}
