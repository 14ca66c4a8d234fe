import { parseArgs } from 'node:util'
import type { ParseArgsOptionsConfig } from 'node:util'

import type {
  ArgDef,
  ArgsDef,
  BooleanArgDef,
  CommandDef,
  EnumArgDef,
  PositionalArgDef,
  StringArgDef,
} from 'citty'

import { usageError } from './cli-error.ts'
import type { ExitCode } from './cli-error.ts'
import { createOutput } from './output.ts'
import type { Output } from './output.ts'

/** What a command is called with. `A` names its flags and positional arguments, with the types of their values. */
interface Invocation<A> {
  readonly args: A
  /** The arguments after the command's name, as they were given. */
  readonly rawArgs: readonly string[]
  readonly out: Output
}

/**
 * Does the work. Returns the exit code (nothing is 0) and throws a `CliError` for what stops it; the frame prints that.
 */
export type Run<A> = (invocation: Invocation<A>) => Promise<ExitCode | void>

/** The declaration of each member of `A` but `_`, of a kind that gives the type that it has there. */
export type ArgsFor<A> = {
  readonly [Name in Exclude<keyof A, '_'>]-?: NonNullable<A[Name]> extends boolean
    ? BooleanArgDef & { type: 'boolean' }
    : | (StringArgDef & { type: 'string' })
      | (EnumArgDef & { type: 'enum' })
      | (PositionalArgDef & { type: 'positional' })
}

/** A command as `azlogs --help` shows it. */
export interface CommandSpec<A> {
  readonly name: string
  /** One line, no full stop. */
  readonly description: string
  /** Each member of `A` in citty's terms; `--json` is added to each command's. */
  readonly args: ArgsFor<A>
  /** Takes any number of positional arguments; they are in `args._`. @default false */
  readonly variadic?: boolean
  /** Imports the work: what declares a command imports nothing heavy, so that `--help` is quick. */
  readonly load: () => Promise<Run<A>>
}

const COMMON_ARGS = {
  json: { type: 'boolean', description: 'Print JSON, for scripts' },
} as const satisfies ArgsDef

/** Declares a command in the way of the frame: unknown flags are refused, `--json` is there, the work is loaded late. */
export function command<A extends object>(spec: CommandSpec<A>): CommandDef {
  const args: ArgsDef = { ...(spec.args as ArgsDef), ...COMMON_ARGS }
  return {
    meta: { name: spec.name, description: spec.description },
    args,
    async run(context) {
      checkArguments(spec, context.rawArgs, args)
      const run = await spec.load()
      const exitCode = await run({
        args: context.args as A,
        rawArgs: context.rawArgs,
        out: createOutput(context.args['json'] === true),
      })
      process.exitCode = exitCode ?? 0
    },
  }
}

/** Refuses what citty lets pass: flags that are not declared, values that are missing, arguments too many. */
function checkArguments(
  { name, variadic = false }: { readonly name: string; readonly variadic?: boolean },
  rawArgs: readonly string[],
  args: ArgsDef,
): void {
  const remedy = `See azlogs ${name} --help.`
  const positionals = Object.values(args).filter((arg) => arg.type === 'positional').length
  let given: readonly string[]
  try {
    given = parseArgs({
      args: [...rawArgs],
      options: optionsOf(args),
      allowPositionals: true,
      allowNegative: true,
    }).positionals
  } catch (error) {
    const [first = ''] = (error as Error).message.split(/\.\s/)
    throw usageError(`azlogs ${name}: ${first}.`, remedy)
  }
  if (given.length > positionals && !variadic) {
    throw usageError(`azlogs ${name}: unexpected argument ${JSON.stringify(given[positionals])}.`, remedy)
  }
}

function optionsOf(args: ArgsDef): ParseArgsOptionsConfig {
  const flags = Object.entries(args).filter(([, arg]) => arg.type !== 'positional')
  return Object.fromEntries(flags.map(([name, arg]) => [name, optionOf(arg)]))
}

function optionOf(arg: ArgDef): ParseArgsOptionsConfig[string] {
  const [short] = 'alias' in arg ? [arg.alias ?? []].flat().filter((alias) => alias.length === 1) : []
  return {
    type: arg.type === 'boolean' ? 'boolean' : 'string',
    ...(short === undefined ? {} : { short }),
  }
}
