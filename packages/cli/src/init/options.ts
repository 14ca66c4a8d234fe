import { usageError } from '../cli-error.ts'
import { ruleNameOf } from '../generate/azure-names.ts'
import { IAC } from '../generate/generate.ts'
import type { Iac } from '../generate/generate.ts'
import { PLANS, RULE_NAME, tableNameProblem } from '../schema/lock.ts'
import type { SchemaLock, TablePlan } from '../schema/lock.ts'
import type { ProposalOptions } from '../schema/proposal.ts'
import type { InitArgs } from './command.ts'

/** The flags of `azlogs init`, checked. */
export interface InitOptions extends TableOptions {
  readonly format: 'auto' | 'pino' | 'winston'
  readonly proposal: ProposalOptions
  /** Undefined without `--iac`. */
  readonly iac: readonly Iac[] | undefined
}

const HELP = 'See --help for the values that are known.'

/** The table and its rule, as `init` and `migrate` are told. */
export interface TableOptions {
  readonly table: string
  readonly plan: TablePlan
  readonly ruleName: string
}

/** @throws CliError `AZL1001` for the first value that makes no sense. */
export function readInitOptions(args: InitArgs, previous?: SchemaLock): InitOptions {
  return {
    ...readTableOptions(args, previous && (previous.ruleName ?? ruleNameOf(previous.table))),
    format: oneOf('--format', args.format, ['auto', 'pino', 'winston'] as const),
    iac: args.iac === undefined ? undefined : listOf(args.iac).map((kind) => oneOf('--iac', kind, IAC)),
    proposal: {
      names: oneOf('--names', args.names, ['pascal', 'keep'] as const),
      maxColumns: columnCount(args['max-columns']),
      dates: args.dates ?? false,
      promote: listOf(args.promote),
      demote: listOf(args.demote),
    },
  }
}

/** @throws CliError `AZL1001` for the first value that makes no sense. */
export function readTableOptions(
  args: Pick<InitArgs, 'table' | 'plan' | 'rule-name'>,
  previousRuleName?: string,
): TableOptions {
  const problem = tableNameProblem(args.table)
  if (problem !== undefined)
    throw usageError(`--table: ${problem}.`, `Did you mean ${nearTable(args.table)}?`)
  const ruleName = args['rule-name'] ?? previousRuleName ?? ruleNameOf(args.table)
  if (!RULE_NAME.test(ruleName)) {
    throw usageError(
      `--rule-name: ${JSON.stringify(ruleName)} must have 3 to 30 letters, digits and hyphens.`,
      'The name becomes a part of a host name. Give another with --rule-name.',
    )
  }
  return { table: args.table, plan: oneOf('--plan', args.plan, PLANS), ruleName }
}

function columnCount(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 15 && count <= 500) return count
  throw usageError(`--max-columns must be a number from 15 to 500, not ${JSON.stringify(text)}.`, HELP)
}

function oneOf<T extends string>(flag: string, value: string, known: readonly T[]): T {
  const found = known.find((candidate) => candidate.toLowerCase() === value.toLowerCase())
  if (found !== undefined) return found
  throw usageError(`${flag} must be one of ${known.join(', ')}, not ${JSON.stringify(value)}.`, HELP)
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function nearTable(table: string): string {
  const name = table.replaceAll(/[^A-Za-z0-9_]/g, '').replace(/^[^A-Za-z]+/, '')
  return `${(name === '' ? 'AppLogs' : name).replace(/_cl$/i, '').slice(0, 60)}_CL`
}
