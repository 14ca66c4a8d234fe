import { repeated, shown } from './definition.ts'
import type { TableDefinition } from './definition.ts'
import { readDocuments } from './documents.ts'
import type { TableSchema } from './lock-file.ts'
import { checkRule } from './rule-check.ts'
import type { Workspace } from './rule-check.ts'
import { SchemaError } from './schema-problem.ts'
import type { Report, SchemaProblem } from './schema-problem.ts'
import type { Rule, Schema, Table } from './schema.ts'
import { checkTable } from './table-check.ts'

/**
 * JSON of Azure Resource Manager: a resource as `az rest` or `az monitor … show` gives it, a list `{ value }` of them, a
 * deployment template, a parameters file.
 */
export type ArmDocument = Readonly<Record<string, unknown>> &
  (
    | { readonly properties: unknown }
    | { readonly value: unknown }
    | { readonly resources: unknown }
    | { readonly parameters: unknown }
    | { readonly dataFlows: unknown }
    | { readonly schema: unknown }
  )

/** What `startEmulator` takes as a schema: a schema file, or what Azure says about its resources. */
export type SchemaDocument = TableSchema | ArmDocument

/**
 * Reads and checks documents that came from files or from a caller without types: lock files, ARM resources, deployment
 * templates, or an array of them. The lock files together make one rule.
 *
 * @param ruleId immutable id of the first rule that has none of its own.
 * @throws {SchemaError} that lists every problem: what cannot be read, and what Azure would refuse at deployment.
 */
export function readSchema(input: unknown, ruleId?: string): Schema {
  const problems: SchemaProblem[] = []
  const report: Report = (code, path, message) => {
    // What follows from what could not be read is no news.
    const isUnread = problems.some((problem) => problem.code === 'InvalidDocument' && problem.path === path)
    if (!isUnread) problems.push({ code, path, message })
  }
  const documents = readDocuments(input, report)
  if (problems.some(({ code }) => code === 'UnsupportedLocally')) throw new SchemaError(problems)

  const workspace = checkTables(documents.tables, report, () => problems.length)
  const unnamed = documents.rules.find((rule) => rule.immutableId === undefined)
  const rules = documents.rules.flatMap((definition): readonly Rule[] => {
    const openId = definition === unnamed ? ruleId : undefined
    const [first, ...others] = checkRule(definition, workspace, report)
    const id = definition.immutableId ?? openId ?? definition.fallbackId
    return first === undefined ? [] : [{ name: definition.name, ruleId: id, streams: [first, ...others] }]
  })
  if (ruleId !== undefined && unnamed === undefined)
    report('InvalidRule', '', `the option ruleId is ${shown(ruleId)}, but every rule has an id of its own`)
  for (const id of repeated(rules.map((rule) => rule.ruleId)))
    report('InvalidRule', '', `two rules have the immutable id ${id}`)
  const [firstRule, ...otherRules] = rules
  const reached = rules.flatMap((rule) =>
    rule.streams.flatMap((stream) => stream.flows.map((flow) => flow.table)),
  )
  const [firstTable, ...otherTables] = new Set([...reached, ...workspace.tables.values()])
  if (problems.length === 0 && (firstRule === undefined || firstTable === undefined))
    report('InvalidDocument', '', 'it holds no data collection rule with a declared stream')
  if (problems.length > 0 || firstRule === undefined || firstTable === undefined)
    throw new SchemaError(problems)
  return {
    rules: [firstRule, ...otherRules],
    tables: [firstTable, ...otherTables.filter((table) => table !== undefined)],
    warnings: [...new Set(rules.flatMap(warningsOf))],
  }
}

function warningsOf(rule: Rule): readonly string[] {
  return rule.streams.flatMap((stream) =>
    stream.flows.flatMap(({ table, transform }) =>
      (transform?.undocumented ?? []).map(
        (feature) =>
          `the transformation of ${stream.name} into ${table.name} uses ${feature}, which is not on Microsoft's list for transformations: Azure may refuse the rule`,
      ),
    ),
  )
}

function checkTables(
  definitions: readonly TableDefinition[],
  report: Report,
  countProblems: () => number,
): Workspace {
  const tables = new Map<string, Table | undefined>()
  for (const definition of definitions) {
    const problemsBefore = countProblems()
    const table = checkTable(definition, report)
    if (tables.has(table.name))
      report('InvalidTable', definition.name.path, `table ${shown(table.name)} is declared twice`)
    tables.set(table.name, countProblems() > problemsBefore ? undefined : table)
  }
  return {
    tables,
    classicTables: new Set(definitions.filter((table) => table.classic).map((table) => table.name.value)),
  }
}
