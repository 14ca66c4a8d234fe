import type { InferredType } from '../schema/column-type.ts'
import { columnPaths } from '../schema/lock.ts'
import { ORIGIN, textOf } from './generated-file.ts'
import type { GeneratedFile, GenerateInput } from './generated-file.ts'

const TYPES: Readonly<Record<InferredType, string>> = {
  string: 'string',
  int: 'number',
  long: 'number | string',
  real: 'number',
  boolean: 'boolean',
  datetime: 'string | Date',
  dynamic: 'unknown',
}

/** The row's type, and the options that make the transports fill and keep to these columns. */
export function typeScriptFile({ lock }: GenerateInput, path: string): GeneratedFile {
  const row = `${lock.table.replace(/_CL$/, '')}Row`
  return {
    path,
    text: textOf(
      `// ${ORIGIN}`,
      '',
      `/** A row of ${lock.table}. */`,
      `export interface ${row} {`,
      ...lock.columns.map(
        ({ name, type }) => `  ${name}${name === 'TimeGenerated' ? '' : '?'}: ${TYPES[type]}`,
      ),
      '}',
      '',
      `/** Spread it into the options of a transport: \`{ ...azlogsOptions, … }\`. */`,
      'export const azlogsOptions = {',
      ...(lock.plan === 'Auxiliary' ? ["  plan: 'auxiliary',"] : []),
      '  schema: {',
      '    columns: [',
      ...lock.columns.map(({ name, type }) => `      { name: '${name}', type: '${type}' },`),
      '    ],',
      '  },',
      '  columns: {',
      ...Object.entries(columnPaths(lock)).map(([name, path]) => `    ${name}: ${quote(path)},`),
      '  },',
      '} as const',
    ),
  }
}

function quote(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${escaped}'`
}
