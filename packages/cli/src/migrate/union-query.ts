import type { SchemaLock } from '../schema/lock.ts'
import { textOf } from '../generate/generated-file.ts'
import type { GeneratedFile } from '../generate/generated-file.ts'
import { severityOf } from './legacy-columns.ts'
import type { Migration } from './legacy-columns.ts'

/** Name of the function under which the query can be saved. */
export function functionName({ table }: SchemaLock): string {
  return `${table.replace(/_CL$/, '')}All`
}

/** A query that reads the old table and the new one as if they were one: with the new names and types. */
export function unionQueryFile(lock: SchemaLock, { columns }: Migration, oldTable: string): GeneratedFile {
  const level = columns.find(({ name }) => name === 'Level')
  const projected = [
    'TimeGenerated',
    ...columns.map(({ name, kql }) => `${name} = ${kql}`),
    ...(level === undefined ? [] : [`SeverityNumber = ${severityOf(level)}`]),
  ]
  return {
    path: `queries/${functionName(lock)}.kql`,
    text: textOf(
      `// ${oldTable} and ${lock.table} as one table. To save it as the function ${functionName(lock)}:`,
      `// az monitor log-analytics workspace saved-search create --resource-group <group> --workspace-name <workspace> \\`,
      `//   --name ${functionName(lock)} --category azlogs --display-name ${functionName(lock)} --function-alias ${functionName(lock)} \\`,
      `//   --saved-query "$(cat queries/${functionName(lock)}.kql)"`,
      'union isfuzzy=true',
      `    ${lock.table},`,
      `    (${oldTable}`,
      '    | project',
      ...projected.map((line, index) => `        ${line}${index === projected.length - 1 ? ')' : ','}`),
    ),
  }
}
