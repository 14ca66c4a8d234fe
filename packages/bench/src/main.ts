import { fleet } from './fleet.ts'
import { spool } from './spool.ts'

/** A bench prints what it finds and says whether its targets were met. */
type Bench = (print: (line: string) => void) => Promise<boolean>

const BENCHES: Readonly<Record<string, Bench>> = { fleet, spool }

const names = process.argv.slice(2)
const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name))
if (unknown.length > 0) {
  process.stderr.write(
    `There is no bench ${unknown.join(', ')}. There are: ${Object.keys(BENCHES).join(', ')}.\n`,
  )
  process.exitCode = 2
} else {
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (names.length > 0 && !names.includes(name)) continue
    const startedAt = performance.now()
    const met = await bench((line) => process.stdout.write(`${line}\n`))
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
    process.stdout.write(`\n${name}: ${met ? 'every target met' : 'targets MISSED'} (${seconds} s)\n`)
    if (!met) process.exitCode = 1
  }
}
