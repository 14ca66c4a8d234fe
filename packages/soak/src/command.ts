import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'

import { describeResult } from './result.ts'
import { SLOTS } from './slots.ts'
import type { Slot } from './slots.ts'
import { soak } from './soak.ts'

const USAGE = `Usage: pnpm soak [--minutes N] [--seed S] [--rate R] [--only NAME,…] [--out FILE]

Applications log through every way in, into the emulator, while requests fail, the endpoint goes down and the applications are
killed and restarted. Every minute each record must be stored, in a file, refused, or told as lost.

  --minutes  how long (10)
  --seed     of the plan of faults and kills (any); the same seed draws the same plan, though its timing differs
  --rate     records a second of each application (100)
  --only     some of the applications:
             ${SLOTS.map(({ name }) => name).join('\n             ')}
  --out      a file for the result, as JSON

Exits with 1 when a record is nowhere.
`

interface Settings {
  readonly minutes: number
  readonly seed: number
  readonly perSecond: number
  readonly slots: readonly Slot[]
  readonly out: string | undefined
}

/** `program`: another script in the place of the applications'. */
export async function soakCommand(argv: readonly string[], program?: string): Promise<void> {
  const settings = readSettings(argv)
  if (typeof settings === 'string') {
    process.stderr.write(`${settings}\n`)
    process.exitCode = argv.includes('--help') ? 0 : 2
    return
  }
  const { out, ...rest } = settings
  const print = (line: string): void => void process.stdout.write(`${line}\n`)
  const interruption = new AbortController()
  const interrupt = (): void => interruption.abort()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
  print(`seed ${rest.seed}, ${rest.minutes} minutes, ${rest.slots.length} applications`)
  const result = await soak({
    ...rest,
    ...(program === undefined ? {} : { program }),
    print,
    signal: interruption.signal,
  })
  print(`\n${describeResult(result)}`)
  if (out !== undefined) await writeFile(out, `${JSON.stringify(result, undefined, 2)}\n`)
  process.exitCode = result.violations.length > 0 ? 1 : result.interrupted ? 130 : 0
}

/** The settings, or what to say instead. */
function readSettings(argv: readonly string[]): Settings | string {
  let values: ReturnType<typeof parse>
  try {
    values = parse(argv)
  } catch (error) {
    return `${(error as Error).message}\n\n${USAGE}`
  }
  if (values.help === true) return USAGE
  const problems: string[] = []
  const number = (name: 'minutes' | 'seed' | 'rate', least: number): number => {
    const value = Number(values[name])
    if (!Number.isFinite(value) || value < least || values[name].trim() === '') {
      problems.push(`--${name} must be a number of ${least} at least, not ${JSON.stringify(values[name])}.`)
    }
    return value
  }
  const names = values.only?.split(',') ?? SLOTS.map(({ name }) => name)
  for (const name of names) {
    if (!SLOTS.some((slot) => slot.name === name))
      problems.push(`--only: there is no application ${JSON.stringify(name)}.`)
  }
  const settings = {
    minutes: number('minutes', 0.05),
    seed: number('seed', 0),
    perSecond: number('rate', 5),
    slots: SLOTS.filter(({ name }) => names.includes(name)),
    out: values.out,
  }
  return problems.length > 0 ? `${problems.join('\n')}\n\n${USAGE}` : settings
}

function parse(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(randomInt(1_000_000)) },
      rate: { type: 'string', default: '100' },
      only: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean' },
    },
  }).values
}
