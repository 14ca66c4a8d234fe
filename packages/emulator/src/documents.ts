import { readArmDocument } from './arm-template.ts'
import { isObject, shown } from './definition.ts'
import type { FlowDefinition, RuleDefinition, StreamDefinition, TableDefinition } from './definition.ts'
import { isLockFile, readLockFile } from './lock-file.ts'
import { pathTo } from './schema-problem.ts'
import type { Report } from './schema-problem.ts'

/** Immutable id of a rule that has none of its own. */
export const DEFAULT_RULE_ID: string = 'dcr-0123456789abcdef0123456789abcdef'

interface Documents {
  readonly rules: readonly RuleDefinition[]
  readonly tables: readonly TableDefinition[]
}

/** Everything that the documents define, with each problem of reading them reported. */
export function readDocuments(input: unknown, report: Report): Documents {
  const located: readonly (readonly [unknown, string])[] = Array.isArray(input)
    ? input.map((entry: unknown, index) => [entry, pathTo('', index)] as const)
    : [[input, '']]
  if (located.length === 0) report('InvalidDocument', '', 'it holds no table')
  const parameters = located.flatMap(([document]) =>
    isParametersFile(document) ? [document['parameters']] : [],
  )
  const locked = { streams: [] as StreamDefinition[], flows: [] as FlowDefinition[] }
  const rules: RuleDefinition[] = []
  const tables: TableDefinition[] = []

  for (const [document, path] of located) {
    if (isParametersFile(document)) continue
    if (isObject(document) && isLockFile(document)) {
      const lock = readLockFile(document, path, report)
      tables.push(lock.table)
      locked.streams.push(...lock.streams)
      locked.flows.push(...lock.flows)
      continue
    }
    const found = readArmDocument(document, path, parameters, report)
    if (found === undefined) {
      report(
        'InvalidDocument',
        path,
        `this is neither a lock file { table, stream, columns }, nor an ARM resource, list or template: ${shown(document)}`,
      )
      continue
    }
    rules.push(...found.rules)
    tables.push(...found.tables)
  }
  const fromLocks: RuleDefinition = {
    name: 'azlogs',
    path: '',
    immutableId: undefined,
    fallbackId: DEFAULT_RULE_ID,
    ...locked,
  }
  return { rules: locked.streams.length > 0 ? [fromLocks, ...rules] : rules, tables }
}

/** `deploymentParameters.json`, as `az deployment` takes it and as a `.bicepparam` file is compiled to. */
function isParametersFile(input: unknown): input is Readonly<Record<string, unknown>> {
  return isObject(input) && /deploymentParameters\.json#?$/.test(String(input['$schema']))
}
