import { SEVERITY } from '@azlogs/core'

/** winston's levels: name → rank, 0 is the most severe. */
export type Levels = Readonly<Record<string, number>>

/**
 * Names with a meaning of their own. `verbose` has none: it is above debug among winston's npm levels and below it among
 * the cli levels. syslog as in
 * https://opentelemetry.io/docs/specs/otel/logs/data-model-appendix/#appendix-b-severitynumber-example-mappings
 */
const KNOWN: ReadonlyMap<string, number> = new Map([
  ['emerg', SEVERITY.fatal],
  ['emergency', SEVERITY.fatal],
  ['fatal', SEVERITY.fatal],
  ['alert', SEVERITY.error + 2],
  ['crit', SEVERITY.error + 1],
  ['critical', SEVERITY.error + 1],
  ['err', SEVERITY.error],
  ['error', SEVERITY.error],
  ['warn', SEVERITY.warn],
  ['warning', SEVERITY.warn],
  ['notice', SEVERITY.info + 1],
  ['info', SEVERITY.info],
  ['http', SEVERITY.debug + 2],
  ['debug', SEVERITY.debug],
  ['trace', SEVERITY.trace],
  ['silly', SEVERITY.trace],
])

const HIGHEST = 24
const LOWEST = 1

/**
 * OpenTelemetry severities for a logger's levels. Known names have their usual one; the others lie evenly between their
 * neighbours.
 */
export function severitiesOf(levels: Levels): ReadonlyMap<string, number> {
  const ranked = Object.entries(levels).toSorted(([, left], [, right]) => left - right)
  const severities = new Map<string, number>()
  let between: string[] = []
  let above = HIGHEST + 1
  const interpolate = (below: number): void => {
    for (const [index, name] of between.entries()) {
      const share = (index + 1) / (between.length + 1)
      severities.set(name, clamp(Math.round(above + (below - above) * share)))
    }
    between = []
  }
  for (const [name] of ranked) {
    const known = KNOWN.get(name.toLowerCase())
    if (known === undefined) {
      between.push(name)
      continue
    }
    interpolate(known)
    severities.set(name, known)
    above = known
  }
  interpolate(LOWEST - 1)
  return severities
}

/** Remembers the severities of the levels that were asked for last: a transport has one logger, almost always. */
export function createSeverityOf(): (level: string, levels: Levels | undefined) => number {
  let last: Levels | undefined
  let severities: ReadonlyMap<string, number> = KNOWN
  return (level, levels) => {
    if (levels !== last) {
      last = levels
      severities = levels === undefined ? KNOWN : severitiesOf(levels)
    }
    return severities.get(level) ?? severityOfName(level.toLowerCase(), severities)
  }
}

function severityOfName(name: string, severities: ReadonlyMap<string, number>): number {
  return severities.get(name) ?? KNOWN.get(name) ?? SEVERITY.info
}

function clamp(severity: number): number {
  return Math.min(HIGHEST, Math.max(LOWEST, severity))
}
