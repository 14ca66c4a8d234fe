import { createScope } from './arm-scope.ts'
import type { Scope } from './arm-scope.ts'
import { kindOf, readRule, readTable } from './arm-resource.ts'
import type { Resource } from './arm-resource.ts'
import { isObject } from './definition.ts'
import type { RuleDefinition, TableDefinition } from './definition.ts'
import { pathTo } from './schema-problem.ts'
import type { Report } from './schema-problem.ts'

interface ArmDefinitions {
  readonly rules: RuleDefinition[]
  readonly tables: TableDefinition[]
}

/** Data collection rules and tables in a resource, a list of them, or a deployment template; undefined for none of these. */
export function readArmDocument(
  input: unknown,
  path: string,
  parameters: readonly unknown[],
  report: Report,
): ArmDefinitions | undefined {
  const found: ArmDefinitions = { rules: [], tables: [] }
  if (!isObject(input)) return undefined
  if (isTemplate(input)) {
    readTemplate(input, path, createScope(input, parameters), found, report)
    return found
  }
  // A list as `az rest` returns it.
  const { value: list } = input
  if (Array.isArray(list)) {
    for (const [index, value] of list.entries()) {
      if (isObject(value))
        readResource(asItStands(value, pathTo(pathTo(path, 'value'), index)), found, report)
    }
    return found
  }
  return readResource(asItStands(input, path), found, report) ? found : undefined
}

function isTemplate(input: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(input['resources']) || isObject(input['resources'])
}

function readTemplate(
  template: Readonly<Record<string, unknown>>,
  path: string,
  scope: Scope,
  found: ArmDefinitions,
  report: Report,
): void {
  const resourcesPath = pathTo(path, 'resources')
  const resources = template['resources']
  // Bicep writes an array, or, with symbolic names, an object.
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(resources)
    ? [...resources.entries()]
    : Object.entries(resources as object)
  for (const [key, value] of entries) {
    if (!isObject(value) || value['existing'] === true) continue
    const resourcePath = pathTo(resourcesPath, key)
    const resource: Resource = { value, path: resourcePath, ...scope.resolver(report) }
    if (resource.tryResolve(value['condition']) === false) continue
    if (/^Microsoft\.Resources\/deployments$/i.test(String(value['type']))) {
      readModule(resource, scope, found, report)
    } else if (kindOf(value) !== undefined && value['copy'] !== undefined) {
      report(
        'UnsupportedLocally',
        pathTo(resourcePath, 'copy'),
        'loops are not resolved locally: write the resources out, or use the JSON of what was deployed',
      )
    } else {
      readResource(resource, found, report)
    }
  }
}

/** A Bicep module: its parameters are expressions of the outer template. */
function readModule({ value, path }: Resource, outer: Scope, found: ArmDefinitions, report: Report): void {
  const { template, parameters } = isObject(value['properties']) ? value['properties'] : {}
  if (!isObject(template) || !isTemplate(template)) return
  const inner = createScope(template, [parameters], outer)
  readTemplate(template, pathTo(pathTo(path, 'properties'), 'template'), inner, found, report)
}

function asItStands(value: Readonly<Record<string, unknown>>, path: string): Resource {
  return { value, path, resolve: (member) => member, tryResolve: (member) => member }
}

/** Whether it is one that is looked for. */
function readResource(resource: Resource, found: ArmDefinitions, report: Report): boolean {
  const kind = kindOf(resource.value)
  if (kind === 'table') found.tables.push(readTable(resource, report))
  if (kind === 'rule') {
    const rule = readRule(resource, report)
    // Without a declared stream it belongs to the platform's agents.
    if (rule.streams.length > 0) found.rules.push(rule)
  }
  return kind !== undefined
}
