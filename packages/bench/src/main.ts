import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { isMet } from './bench.ts'
import type { Bench } from './bench.ts'
import { file } from './benches/file.ts'
import { fleet } from './benches/fleet.ts'
import { latency } from './benches/latency.ts'
import { outage } from './benches/outage.ts'
import { packing } from './benches/packing.ts'
import { pino } from './benches/pino.ts'
import { scale } from './benches/scale.ts'
import { spool } from './benches/spool.ts'
import { upload } from './benches/upload.ts'
import { winston } from './benches/winston.ts'
import { UsageError, helpFor, parseOptions } from './options.ts'
import type { Options } from './options.ts'
import { drawChart } from './report/chart.ts'
import { compare } from './report/compare.ts'
import { readResults, thisMachine } from './report/results.ts'
import type { TimedResult } from './report/results.ts'
import { describeBench } from './report/text.ts'

const BENCHES: Readonly<Record<string, Bench>> = {
  upload,
  file,
  winston,
  pino,
  latency,
  outage,
  spool,
  fleet,
  packing,
  scale,
}
const NAMES = Object.keys(BENCHES)
const ARGUMENTS = process.argv.slice(2)

/** A path as it was meant: pnpm runs a package's script in that package's folder. */
function pathOf(given: string): string {
  return resolve(process.env['INIT_CWD'] ?? '.', given)
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

async function run({
  names,
  rounds,
  scale,
  quick,
  out,
  profiles,
}: Options & { action: 'run' }): Promise<void> {
  if (profiles !== undefined) profileChildren(pathOf(profiles))
  const date = new Date().toISOString()
  const benches: Record<string, TimedResult> = {}
  for (const [name, bench] of Object.entries(BENCHES).filter(([name]) => names.includes(name))) {
    const startedAt = performance.now()
    const progress = (text: string): void => void process.stderr.write(`  ${name} ${text}\n`)
    const result = await bench({ rounds, scale, progress })
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    benches[name] = { ...result, seconds }
    print(`\n${describeBench(name, result)}\n${seconds} s`)
    // After each: what was measured is not lost when a later one fails.
    const results = { machine: thisMachine(), date, command: ARGUMENTS, rounds, scale, benches }
    writeFileSync(pathOf(out), `${JSON.stringify(results, undefined, 2)}\n`)
  }
  print(`\nEvery value is in ${out}.`)
  if (quick) print('This was a quick run: its figures are rough, and what it says of targets means little.')
  else if (!Object.values(benches).every(({ targets }) => targets.every(isMet))) process.exitCode = 1
}

/** Each process that is started from here on writes a profile when it ends, and so does each of its threads. */
function profileChildren(directory: string): void {
  const { NODE_OPTIONS = '' } = process.env
  process.env['NODE_OPTIONS'] = `${NODE_OPTIONS} --cpu-prof --cpu-prof-dir=${JSON.stringify(directory)}`
}

async function main(): Promise<void> {
  const options = parseOptions(ARGUMENTS, NAMES)
  switch (options.action) {
    case 'run':
      return run(options)
    case 'chart':
      return writeFileSync(pathOf(options.chart), drawChart(readResults(pathOf(options.results))))
    case 'compare': {
      const { text, worse } = compare(readResults(pathOf(options.base)), readResults(pathOf(options.head)))
      print(text)
      if (worse > 0) process.exitCode = 1
      return
    }
    case 'help':
      return print(helpFor(NAMES))
    default:
      options satisfies never
  }
}

// Whoever stops it is not left with gigabytes in the folder for temporary files.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

try {
  await main()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n\n${helpFor(NAMES)}\n`)
  process.exitCode = 2
}
