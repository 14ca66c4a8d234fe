import type { FaultRule } from './fault-rule.ts'

// The grammar, one rule after the other with commas between them:
//   rule    = what { ":" setting }
//   what    = status | "latency" | "reset-before" | "reset-after" | "half" | "hang" | "token-expired" | "token-rejected"
//   setting = share "%" | "times=" count | "for=" duration | "retry-after=" seconds
//           | duration [ "±" duration ]        how long a latency is

const PLAIN_KINDS: readonly string[] = [
  'reset-before',
  'reset-after',
  'half',
  'hang',
  'token-expired',
  'token-rejected',
] satisfies FaultRule['kind'][]
type PlainKind = Exclude<FaultRule['kind'], 'status' | 'latency'>

const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/
const LATENCY = /^(\d+(?:\.\d+)?)(ms|s|m|h)?(?:(?:±|\+-)(\d+(?:\.\d+)?)(ms|s|m|h))?$/

/** Thrown as a sentence about the text. */
class FaultTextError extends Error {}

/** The rules in a text, and a sentence for each that cannot be understood. */
export function readFaults(text: string): {
  readonly rules: readonly FaultRule[]
  readonly problems: readonly string[]
} {
  const rules: FaultRule[] = []
  const problems: string[] = []
  for (const part of text.split(',').map((part) => part.trim())) {
    if (part === '') continue
    try {
      rules.push(readFault(part))
    } catch (error) {
      if (!(error instanceof FaultTextError)) throw error
      problems.push(`${JSON.stringify(part)}: ${error.message}`)
    }
  }
  return { rules, problems }
}

function readFault(text: string): FaultRule {
  const [what = '', ...settings] = text.split(':').map((part) => part.trim())
  const common: { rate?: number; times?: number; forMs?: number } = {}
  let retryAfterSeconds: number | undefined
  let latency: { delayMs: number; jitterMs?: number } | undefined
  for (const setting of settings) {
    const [name, value] = setting.split('=')
    if (setting.endsWith('%')) common.rate = readShare(setting)
    else if (name === 'times' && value !== undefined) common.times = Number(value)
    else if (name === 'for' && value !== undefined) common.forMs = readDuration(value)
    else if (name === 'retry-after' && value !== undefined) retryAfterSeconds = readSeconds(value)
    else if (what === 'latency') latency = readLatency(setting)
    else {
      throw new FaultTextError(
        `${JSON.stringify(setting)} is none of a share (10%), times=3, for=30s, retry-after=5s`,
      )
    }
  }
  const rule = ruleOf(what, latency, retryAfterSeconds)
  return { ...rule, ...common }
}

function ruleOf(
  what: string,
  latency: { delayMs: number; jitterMs?: number } | undefined,
  retryAfterSeconds: number | undefined,
): FaultRule {
  const retryAfter = retryAfterSeconds === undefined ? {} : { retryAfterSeconds }
  if (/^\d+$/.test(what)) return { kind: 'status', status: Number(what), ...retryAfter }
  if (retryAfterSeconds !== undefined) throw new FaultTextError('retry-after belongs to a status')
  if (what === 'latency') {
    if (latency === undefined)
      throw new FaultTextError('it must say how long: latency:200ms, latency:200±50ms')
    return { kind: 'latency', ...latency }
  }
  if (PLAIN_KINDS.includes(what)) return { kind: what as PlainKind }
  throw new FaultTextError(`it begins with a status from 400 to 599, latency, ${PLAIN_KINDS.join(', ')}`)
}

function readShare(text: string): number {
  // Parsed without binary noise: 0.1 is 10 %.
  const share = Number(text.slice(0, -1))
  if (text === '%' || Number.isNaN(share)) throw new FaultTextError(`${text} is no share such as 10%`)
  return Number(`${share}e-2`)
}

function readDuration(text: string): number {
  const [, amount, unit = ''] = DURATION.exec(text) ?? []
  if (amount === undefined)
    throw new FaultTextError(`${JSON.stringify(text)} is no duration such as 500ms, 30s, 5m, 1h`)
  return Number(amount) * (MS_PER_UNIT[unit] ?? 1)
}

function readSeconds(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : readDuration(text) / 1000
}

function readLatency(text: string): { delayMs: number; jitterMs?: number } {
  const [, delay, delayUnit, jitter, jitterUnit] = LATENCY.exec(text) ?? []
  const unit = delayUnit ?? jitterUnit
  if (delay === undefined || unit === undefined)
    throw new FaultTextError(`${JSON.stringify(text)} is no latency such as 200ms or 200±50ms`)
  const delayMs = readDuration(delay + unit)
  return jitter === undefined ? { delayMs } : { delayMs, jitterMs: readDuration(`${jitter}${jitterUnit}`) }
}

/** The rule in the shortest text that is read back as it. */
export function faultText(rule: FaultRule): string {
  const { rate = 1, times = Infinity, forMs = Infinity } = rule
  return [
    rule.kind === 'status' ? String(rule.status) : rule.kind,
    ...(rule.kind === 'latency' ? [latencyText(rule.delayMs, rule.jitterMs)] : []),
    ...(rate < 1 ? [`${Number(`${rate}e2`)}%`] : []),
    ...(times === Infinity ? [] : [`times=${times}`]),
    ...(forMs === Infinity ? [] : [`for=${durationText(forMs)}`]),
    ...(rule.kind === 'status' && rule.retryAfterSeconds !== undefined
      ? [`retry-after=${rule.retryAfterSeconds}s`]
      : []),
  ].join(':')
}

function latencyText(delayMs: number, jitterMs = 0): string {
  return jitterMs === 0 ? durationText(delayMs) : `${delayMs}±${jitterMs}ms`
}

function durationText(ms: number): string {
  const unit = ['h', 'm', 's'].find((candidate) => ms > 0 && ms % (MS_PER_UNIT[candidate] ?? 1) === 0) ?? 'ms'
  return `${ms / (MS_PER_UNIT[unit] ?? 1)}${unit}`
}

/** What makes no sense in a rule, from wherever it came. */
export function faultProblems(rule: FaultRule): readonly string[] {
  const { kind, rate = 1, times = 1, forMs = 1 } = rule
  const problems: string[] = []
  const demand = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem)
  }
  demand(['status', 'latency', ...PLAIN_KINDS].includes(kind), `there is no fault ${JSON.stringify(kind)}`)
  demand(rate > 0 && rate <= 1, `the share must be above 0 % and at most 100 %, not ${rate * 100} %`)
  demand(
    times === Infinity || (Number.isInteger(times) && times >= 1),
    `times must be 1 or more, not ${times}`,
  )
  demand(forMs > 0, `the time that it is for must be above 0, not ${forMs} ms`)
  if (kind === 'status') {
    const { status, retryAfterSeconds = 0 } = rule
    demand(
      Number.isInteger(status) && status >= 400 && status <= 599,
      `the status must be from 400 to 599, not ${status}`,
    )
    demand(
      Number.isInteger(retryAfterSeconds) && retryAfterSeconds >= 0,
      `retry-after must be whole seconds, not ${retryAfterSeconds}`,
    )
  }
  if (kind === 'latency') {
    const { delayMs, jitterMs = 0 } = rule
    demand(Number.isFinite(delayMs) && delayMs >= 0, `the latency must be 0 ms or more, not ${delayMs}`)
    demand(
      jitterMs >= 0 && jitterMs <= delayMs,
      `the jitter must be from 0 to the latency, not ${jitterMs} ms`,
    )
  }
  return problems
}
