import type { Row } from '../../src/store.ts'
import { textOf } from './field.ts'
import type { Field } from './field.ts'

/** Types in which free text is looked for; the KQL that is copied looks into the same ones. */
export function isSearched({ type }: Field): boolean {
  return type !== 'datetime' && type !== 'boolean'
}

/** Stored text is UTF-8: it holds no lone surrogate, so that nothing is found across two values. */
const SEPARATOR = '\ud800'

/** Everything of a row that free text can be found in, in lower case. */
export function searchTextOf(row: Row, fields: readonly Field[]): string {
  let text = ''
  for (const field of fields) {
    const value = row[field.column]
    if (value === null || value === undefined || value === '' || !isSearched(field)) continue
    text += SEPARATOR + (textOf(value) ?? '')
  }
  return text.toLowerCase()
}
