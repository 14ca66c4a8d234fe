import { parseArgs } from 'node:util'

import { isMet } from './bench.ts'
import type { Bench, BenchResult } from './bench.ts'
import { pino } from './benches/pino.ts'
import { spool } from './benches/spool.ts'
import { upload } from './benches/upload.ts'
import { winston } from './benches/winston.ts'
import { describeBench } from './report/text.ts'

const BENCHES: Readonly<Record<string, Bench>> = { upload, winston, pino, spool }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
  },
})
const names = positionals.length > 0 ? positionals : Object.keys(BENCHES)
const results: Record<string, BenchResult> = {}
for (const name of names) {
  const bench = BENCHES[name]
  if (bench === undefined) throw new Error(name)
  const result = await bench({
    rounds: Number(values.rounds),
    scale: Number(values.scale),
    progress: (text) => process.stderr.write(`  ${name} ${text}\n`),
  })
  results[name] = result
  process.stdout.write(`\n${describeBench(name, result)}\n`)
  if (!result.targets.every(isMet)) process.exitCode = 1
}
