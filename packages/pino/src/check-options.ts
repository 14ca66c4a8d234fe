import { AzlogsError, createRowMapper, isAzlogsError, resolveShipperOptions } from '@azlogs/core'
import type { ShipperOptions } from '@azlogs/core'

import type { AzureLogsOptions } from './record-options.ts'

/** What is ours and not the shipper's. */
const OWN_OPTIONS = new Set(['columns', 'mapping', 'messageKey', 'errorKey', 'nestedKey', 'customLevels'])

const TEXT_OPTIONS = ['messageKey', 'errorKey', 'nestedKey'] as const

/**
 * The part of the options that the shipper takes: all but our own, so that it tells of the names that nobody knows.
 *
 * @throws AzlogsError `AZLOGS_CONFIG`, one error that lists everything wrong with the options and the environment.
 */
export function checkOptions(options: AzureLogsOptions): ShipperOptions {
  const shipperOptions: ShipperOptions = Object.fromEntries(
    Object.entries(options).filter(([name]) => !OWN_OPTIONS.has(name)),
  )
  const problems = [
    ...problemsOf(() => resolveShipperOptions(shipperOptions, process.env)),
    ...problemsOf(() => createRowMapper(options)),
    ...recordProblems(options),
  ]
  if (problems.length > 0) throw configError(problems)
  return shipperOptions
}

/** One error for all problems. */
export function configError(problems: readonly string[]): AzlogsError {
  const list = problems.map((problem) => `\n  - ${problem}`).join('')
  return new AzlogsError('AZLOGS_CONFIG', `The pino transport cannot be set up:${list}`, { problems })
}

function recordProblems(options: AzureLogsOptions): readonly string[] {
  const problems: string[] = []
  for (const name of TEXT_OPTIONS) {
    const value: unknown = options[name]
    if (value !== undefined && (typeof value !== 'string' || value === '')) {
      problems.push(`${name} is ${JSON.stringify(value)}; it must be a name, as pino's own option.`)
    }
  }
  const levels: unknown = options.customLevels
  if (levels !== undefined && !isLevels(levels)) {
    problems.push(
      `customLevels is ${JSON.stringify(levels)}; give label → number, as in pino's own option: { notice: 35 }.`,
    )
  }
  const mapping: unknown = options.mapping
  if (mapping !== undefined && mapping !== 'default' && mapping !== 'passthrough') {
    problems.push(`mapping is ${JSON.stringify(mapping)}; it can be 'default' or 'passthrough'.`)
  }
  return problems
}

function isLevels(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((level) => typeof level === 'number')
  )
}

function problemsOf(check: () => unknown): readonly string[] {
  try {
    check()
    return []
  } catch (error) {
    if (!isAzlogsError(error)) throw error
    return error.problems ?? [error.message]
  }
}
