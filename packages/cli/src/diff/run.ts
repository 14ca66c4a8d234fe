import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { CliError, fileError, usageError } from '../cli-error.ts'
import type { Run } from '../command.ts'
import { findLock } from '../find-lock.ts'
import { API_VERSION } from '../generate/azure-names.ts'
import { jsonOf } from '../generate/generated-file.ts'
import { noSample, sampleFiles, sampleStdin } from '../init/sample.ts'
import type { Output } from '../output.ts'
import { LOCK_FILE } from '../schema/lock.ts'
import type { SchemaLock } from '../schema/lock.ts'
import type { Proposal } from '../schema/proposal.ts'
import { settledColumns } from '../schema/settled-columns.ts'
import type { DiffArgs } from './command.ts'
import { compareSchemas } from './compare.ts'
import type { Difference } from './compare.ts'
import { findDeployed } from './deployed.ts'
import type { Deployed } from './deployed.ts'
import { fetchDeployed } from './live.ts'
import { planSteps } from './plan.ts'
import type { Step } from './plan.ts'

export const run: Run<DiffArgs> = async ({ args, out }) => {
  const lock = await lockOf(args.schema)
  if (args.from === undefined && args.deployed === undefined && args.live !== true) {
    throw usageError(
      'azlogs diff needs something to compare the schema with.',
      'Give --from app.ndjson, --deployed table.json,rule.json, or --live.',
    )
  }
  const sample = await proposalOf(args, lock)
  const { deployed, ids } = await deployedOf(args, lock)
  const differences = compareSchemas(lock, sample?.columns ?? [], deployed)
  const steps = planSteps(lock, sample?.columns ?? [], deployed, differences)
  const toSettle = differences.filter(({ kind }) => kind !== 'keep')

  for (const difference of differences) out.line(lineOf(out, difference))
  if (toSettle.length === 0) out.line(`No differences: ${comparedWith(sample, deployed)}.`)
  else showPlan(out, differences, steps, args, ids)
  if (args.out !== undefined) await writeBodies(args.out, steps)
  out.data({ differences, steps })
  return toSettle.length === 0 ? 0 : 1
}

async function lockOf(named: string | undefined): Promise<SchemaLock> {
  const lock = await findLock(named)
  if (lock !== undefined) return lock
  throw usageError(`There is no ${LOCK_FILE} here.`, 'Write one with azlogs init, or name it with --schema.')
}

async function proposalOf(args: DiffArgs, lock: SchemaLock): Promise<Proposal | undefined> {
  if (args.from === undefined) return undefined
  const { format } = args
  if (format !== 'auto' && format !== 'pino' && format !== 'winston') {
    throw usageError(
      `--format must be auto, pino or winston, not ${JSON.stringify(format)}.`,
      'See azlogs diff --help.',
    )
  }
  const sample = await (args.from === '-'
    ? sampleStdin(format, () => {})
    : sampleFiles([args.from, ...args._], format))
  if (sample.rows === 0) throw noSample(sample)
  return sample.inference.propose({ settled: settledColumns(lock) })
}

interface Ids {
  readonly table: string
  readonly rule: string
}

async function deployedOf(
  args: DiffArgs,
  lock: SchemaLock,
): Promise<{ readonly deployed: Deployed; readonly ids: Ids | undefined }> {
  if (args.live === true) {
    const { documents, ruleId, tableId } = await fetchDeployed(lock, {
      ruleId: args['rule-id'] ?? process.env['AZURE_DCR_RULE_ID'],
      endpoint: args.endpoint ?? process.env['AZURE_DCE_ENDPOINT'],
    })
    return {
      deployed: findDeployed(documents, lock.table, lock.stream),
      ids: { table: tableId, rule: ruleId },
    }
  }
  if (args.deployed === undefined) return { deployed: {}, ids: undefined }
  const paths = args.deployed.split(',')
  const deployed = findDeployed(await Promise.all(paths.map(readJson)), lock.table, lock.stream)
  if (deployed.table === undefined && deployed.rule === undefined) {
    throw new CliError(
      'AZL2003',
      `Neither the table ${lock.table} nor a data collection rule is in ${paths.join(', ')}.`,
      {
        remedy: 'Save what az rest --method get says about each, or give an ARM template.',
        exitCode: 2,
      },
    )
  }
  return { deployed, ids: undefined }
}

async function readJson(path: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw fileError(path, error)
  }
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new CliError('AZL2003', `${path}: ${(error as Error).message}`, {
      remedy: 'ARM JSON is expected: save it with --output json.',
      exitCode: 2,
      cause: error,
    })
  }
}

function comparedWith(sample: Proposal | undefined, { table, rule }: Deployed): string {
  return [
    'the schema',
    ...(sample === undefined ? [] : [`${sample.rows} rows of the sample`]),
    ...(table === undefined ? [] : ['the table']),
    ...(rule === undefined ? [] : ['the rule']),
  ].join(' = ')
}

function lineOf({ style }: Output, difference: Difference): string {
  switch (difference.kind) {
    case 'add':
      return style('green', `+ ${difference.to}: ${difference.column} ${difference.type}`)
    case 'keep':
      return `  ${difference.in}: ${difference.column} ${difference.type} is not in the schema; it stays`
    case 'refuse': {
      const { column, has, wanted, proposal } = difference
      return style(
        'red',
        `x ${difference.in}: ${column} is ${has}, not ${wanted}, and a column cannot be changed; add ${proposal.name} ${proposal.type} beside it`,
      )
    }
    case 'rule':
      return style('yellow', `! ${difference.problem}. ${difference.remedy}`)
    default:
      return difference satisfies never
  }
}

function showPlan(
  out: Output,
  differences: readonly Difference[],
  steps: readonly Step[],
  args: DiffArgs,
  ids: Ids | undefined,
): void {
  const lines: string[] = []
  if (differences.some((entry) => entry.kind === 'add' && entry.to === 'schema')) {
    const files = [args.from, ...args._].join(' ')
    lines.push(`azlogs init --update --from ${files}     the schema and every file that follows from it`)
  }
  for (const { resource, why } of steps) {
    const url = `https://management.azure.com${ids?.[resource] ?? `<id of the ${resource}>`}?api-version=${API_VERSION[resource === 'table' ? 'tables' : 'rules']}`
    lines.push(
      `az rest --method put --url '${url}' --body @${join(args.out ?? '<--out folder>', `${resource}.json`)}     ${why}`,
    )
  }
  if (steps.length > 0) lines.push('wait 10 to 15 minutes: until then values of new columns can be missing')
  if (lines.length === 0) return
  out.line()
  out.line('In this order:')
  for (const [index, line] of lines.entries()) out.line(`  ${index + 1}. ${line}`)
}

async function writeBodies(folder: string, steps: readonly Step[]): Promise<void> {
  for (const { resource, body } of steps) {
    const path = join(folder, `${resource}.json`)
    try {
      await mkdir(folder, { recursive: true })
      await writeFile(path, jsonOf(body), { flag: 'wx' })
    } catch (error) {
      throw fileError(path, error)
    }
  }
}
