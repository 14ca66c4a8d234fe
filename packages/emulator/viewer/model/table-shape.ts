import type { ViewedTable } from '../../src/viewer-protocol.ts'
import type { Field } from './field.ts'

/** Which columns of a table play the parts that a log viewer knows. */
export interface TableShape {
  readonly table: ViewedTable
  readonly fields: readonly Field[]
  readonly level: Field | undefined
  readonly message: Field | undefined
  readonly logger: Field | undefined
  readonly error:
    | { readonly type: Field | undefined; readonly message: Field | undefined; readonly stack: Field }
    | undefined
}

export function shapeOf(table: ViewedTable): TableShape {
  const fields = table.columns.map(({ name, type }): Field => ({ column: name, type, path: [] }))
  const find = (pattern: RegExp): Field | undefined =>
    fields.find((field) => field.type === 'string' && pattern.test(field.column))
  const level = find(/^(level|log_?level|severity|severity_?(level|text))$/i)
  const stack = find(/^(error_?stack|stack_?trace|stack|exception_?stack)$/i)
  return {
    table,
    fields,
    level,
    message:
      find(/^(message|msg|raw_?data|body|log_?message)$/i) ??
      fields.find((field) => field.type === 'string' && field !== level),
    logger: find(/^(logger|logger_?name|category|service|component|source)$/i),
    error:
      stack === undefined
        ? undefined
        : { type: find(/^error_?type$/i), message: find(/^error_?message$/i), stack },
  }
}
