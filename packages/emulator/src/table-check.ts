import { repeated, shown } from './definition.ts'
import type { TableDefinition } from './definition.ts'
import type { Report } from './schema-problem.ts'
import type { Table, TablePlan } from './schema.ts'

const PLANS: readonly string[] = ['Analytics', 'Basic', 'Auxiliary'] satisfies TablePlan[]

// azure-monitor-docs, azure-monitor-limits-workspaces.md and create-custom-table.md (2026).
const MAX_COLUMNS = 500
const MAX_NAME_LENGTH = 63
const COLUMN_NAME = /^[A-Za-z][A-Za-z0-9_]{1,44}$/

/**
 * Columns that the platform fills (azure-monitor-docs, log-standard-columns.md). The names that begin with an underscore
 * are no column names anyway.
 */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  'id',
  'BilledSize',
  'InvalidTimeGenerated',
  'IsBillable',
  'TenantId',
  'Title',
  'Type',
  'UniqueId',
])

/** A table as Azure would create it; reports what it would refuse. */
export function checkTable(definition: TableDefinition, report: Report): Table {
  const { name, plan, columns, standardColumns, columnsPath } = definition
  const isCustom = name.value.endsWith('_CL')
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name.value) || name.value.length > MAX_NAME_LENGTH) {
    report(
      'InvalidTable',
      name.path,
      `a table is named with a letter first, then letters, digits and _, ${MAX_NAME_LENGTH} characters at most: "AppLogs_CL", not ${shown(name.value)}`,
    )
  }
  if (!PLANS.includes(plan.value)) {
    report('InvalidTable', plan.path, `the plan must be one of ${PLANS.join(', ')}, not ${shown(plan.value)}`)
  }
  if (columns.length > MAX_COLUMNS) {
    report(
      'InvalidTable',
      columnsPath,
      `the table has ${columns.length} columns, ${MAX_COLUMNS} are allowed at most`,
    )
  }
  for (const column of columns) {
    if (!COLUMN_NAME.test(column.name) && !standardColumns.some(({ name }) => name === column.name)) {
      report(
        'InvalidTable',
        column.path,
        `a column is named with a letter first, then letters, digits and _, 2 to 45 characters in all, not ${shown(column.name)}`,
      )
    } else if (RESERVED_NAMES.has(column.name)) {
      report('InvalidTable', column.path, `the column name ${column.name} is reserved for the platform`)
    } else if (!isCustom && standardColumns.length > 0 && !column.name.endsWith('_CF')) {
      report('InvalidTable', column.path, `a column that is added to ${name.value} must end in _CF`)
    }
  }
  for (const repeatedName of repeated(columns.map((column) => column.name))) {
    report('InvalidTable', columnsPath, `column ${repeatedName} is declared twice`)
  }

  const added = new Set(columns.map((column) => column.name))
  const all = [
    ...columns.map(({ name, type }) => ({ name, type })),
    ...standardColumns.filter(
      (column) => !added.has(column.name) && !RESERVED_NAMES.has(column.name) && !column.name.startsWith('_'),
    ),
  ]
  if (all.find((column) => column.name === 'TimeGenerated')?.type !== 'datetime') {
    report(
      'SchemaUpdateFatalError',
      columnsPath,
      'every Log Analytics table needs the column TimeGenerated of type datetime',
    )
  }
  return { name: name.value, plan: plan.value as TablePlan, columns: all }
}
