import type { Output } from '../output.ts'
import type { Finding } from './check.ts'
import type { Redactor } from './redact.ts'

/** The checks, in the order in which they depend on each other. */
export type CheckName =
  | 'config'
  | 'dns'
  | 'connection'
  | 'clock'
  | 'token'
  | 'access'
  | 'rule'
  | 'role'
  | 'schema'
  | 'canary'

/** Prints each check as it is done, and remembers it. */
export interface Report {
  /** Facts for `--json` beside the checks. */
  add(name: string, value: unknown): void
  /** Runs a check, times it and prints it. Nothing that it prints holds a secret. */
  check(name: CheckName, work: () => Finding | Promise<Finding>): Promise<Finding>
  /** Prints what was not looked at, and with `--json` everything. True when nothing failed. */
  end(unchecked: readonly CheckName[]): boolean
}

interface Line {
  readonly name: CheckName
  readonly ms: number
  readonly finding: Finding
}

const MARKS = {
  ok: ['green', '✓'],
  warn: ['yellow', '!'],
  fail: ['red', '✗'],
  skip: ['dim', '–'],
} as const

export function createReport(out: Output, redact: Redactor): Report {
  const lines: Line[] = []
  const facts: Record<string, unknown> = {}

  function print({ name, ms, finding }: Line): void {
    const [colour, mark] = MARKS[finding.status]
    const coded = 'code' in finding ? `  ${finding.code}` : ''
    const time = ` ${out.style('dim', `${Math.round(ms)} ms`)}`
    out.line(
      ` ${out.style(colour, mark)} ${name.padEnd(11)} ${finding.evidence}${out.style(colour, coded)}${finding.status === 'skip' ? '' : time}`,
    )
    if ('remedy' in finding) out.line(`   → ${finding.remedy}`)
  }

  return {
    add(name, value) {
      facts[name] = value
    },
    async check(name, work) {
      const started = performance.now()
      const found = await work()
      const finding = { ...found, evidence: redact(found.evidence) }
      if ('remedy' in finding) finding.remedy = redact(finding.remedy)
      const line = { name, ms: performance.now() - started, finding }
      lines.push(line)
      print(line)
      return finding
    },
    end(unchecked) {
      if (unchecked.length > 0) out.line(` ${out.style('dim', '–')} ${unchecked.join(', ')} not looked at`)
      const isSound = lines.every(({ finding }) => finding.status !== 'fail')
      out.data({
        ok: isSound,
        ...facts,
        checks: [
          ...lines.map(({ name, ms, finding }) => Object.assign({ name, ms: Math.round(ms) }, finding)),
          ...unchecked.map((name) => ({ name, status: 'skip', evidence: 'not looked at' })),
        ],
      })
      return isSound
    },
  }
}
