import { stripVTControlCharacters, styleText } from 'node:util'

import { renderUsage, runCommand } from 'citty'
import type { CommandDef } from 'citty'

import manifest from '../package.json' with { type: 'json' }
import { asCliError, usageError } from './cli-error.ts'
import type { CliError } from './cli-error.ts'
import { commands } from './commands.ts'
import { failureText } from './failure-text.ts'
import { nearest } from './nearest.ts'
import { withoutTokens } from './without-tokens.ts'

const root: CommandDef = {
  meta: {
    name: 'azlogs',
    version: manifest.version,
    description: 'From a logger to queryable logs in Azure Monitor',
  },
  subCommands: { ...commands },
}

/** Runs one command line. Sets `process.exitCode`; never rejects. */
export async function main(rawArgs: readonly string[]): Promise<void> {
  try {
    const path = commandPath(rawArgs)
    const flags = new Set(rawArgs.slice(0, endOfFlags(rawArgs)))
    if (flags.has('--help') || flags.has('-h') || rawArgs.length === 0) return await help(path)
    if (path.length === 1) return version(rawArgs)
    const { command, depth } = leafOf(path)
    if (command.run === undefined) {
      throw usageError(
        `azlogs ${rawArgs.slice(0, depth).join(' ')} needs a command.`,
        helpHint(rawArgs, depth),
      )
    }
    await runCommand(command, { rawArgs: rawArgs.slice(depth) })
  } catch (error) {
    report(ofCitty(error, rawArgs), rawArgs.includes('--json'))
  }
}

/** The root and the commands that the first arguments name, each inside the one before it. */
type CommandPath = [CommandDef, ...CommandDef[]]

function commandPath(rawArgs: readonly string[]): Readonly<CommandPath> {
  const path: CommandPath = [root]
  for (const [depth, name] of rawArgs.entries()) {
    const inner = path.at(-1)?.subCommands as Readonly<Record<string, CommandDef>> | undefined
    if (inner === undefined || name.startsWith('-')) break
    const found = Object.hasOwn(inner, name) ? inner[name] : undefined
    if (found === undefined) {
      const guess = nearest(name, Object.keys(inner))
      throw usageError(
        `${JSON.stringify(name)} is no command of azlogs${rawArgs
          .slice(0, depth)
          .map((part) => ` ${part}`)
          .join('')}.`,
        guess === undefined ? helpHint(rawArgs, depth) : `Did you mean ${guess}?`,
      )
    }
    path.push(found)
  }
  return path
}

function leafOf(path: Readonly<CommandPath>): { readonly command: CommandDef; readonly depth: number } {
  const [first, ...others] = path
  return { command: others.at(-1) ?? first, depth: others.length }
}

function endOfFlags(rawArgs: readonly string[]): number {
  const index = rawArgs.indexOf('--')
  return index === -1 ? rawArgs.length : index
}

function helpHint(rawArgs: readonly string[], depth: number): string {
  return `See azlogs ${[...rawArgs.slice(0, depth), '--help'].join(' ')}.`
}

async function help(path: Readonly<CommandPath>): Promise<void> {
  const { command } = leafOf(path)
  // A command inside another says both names itself.
  const usage = await renderUsage(command, command === root ? undefined : root)
  // citty colours whatever it writes to.
  const colours = styleText('bold', '-', { stream: process.stdout }) !== '-'
  process.stdout.write(`${colours ? usage : stripVTControlCharacters(usage)}\n`)
}

function version(rawArgs: readonly string[]): void {
  if (rawArgs.length === 1 && (rawArgs[0] === '--version' || rawArgs[0] === '-v')) {
    process.stdout.write(`${manifest.version}\n`)
    return
  }
  throw usageError(`azlogs takes a command first, not ${JSON.stringify(rawArgs[0])}.`, 'See azlogs --help.')
}

function ofCitty(error: unknown, rawArgs: readonly string[]): CliError {
  if (!(error instanceof Error) || error.name !== 'CLIError') return asCliError(error)
  const command = rawArgs.find((arg) => !arg.startsWith('-')) ?? ''
  return usageError(
    `azlogs ${command}: ${stripVTControlCharacters(error.message)}`.replace(/\.?$/, '.'),
    `See azlogs ${command} --help.`,
  )
}

function report({ code, message, remedy, exitCode, cause }: CliError, json: boolean): void {
  process.exitCode = exitCode
  if (json) {
    process.stdout.write(`${JSON.stringify({ error: { code, message: withoutTokens(message), remedy } })}\n`)
    return
  }
  process.stderr.write(`${failureText({ code, message, remedy })}\n`)
  if (process.env['AZLOGS_DEBUG'] !== undefined && cause instanceof Error) {
    process.stderr.write(`${withoutTokens(cause.stack ?? '')}\n`)
  }
}
