import type { Row } from '../../src/store.ts'
import { fieldName, textOf, valueAt } from './field.ts'
import type { Field } from './field.ts'

/** A value that rows must have, or must not have. */
export interface Condition {
  readonly field: Field
  /** Undefined: no value. */
  readonly text: string | undefined
  readonly exclude: boolean
}

/** From `fromMs`, before `toMs`. */
export interface TimeRange {
  readonly fromMs: number
  readonly toMs: number
}

/** What the user wants to see. The parts are joined by «and», the included values of one field by «or». */
export interface Filter {
  /** Somewhere in the row, in any case. */
  readonly text: string
  /** None means all. */
  readonly levels: readonly string[]
  readonly conditions: readonly Condition[]
  readonly range: TimeRange | undefined
}

export const NO_FILTER: Filter = { text: '', levels: [], conditions: [], range: undefined }

export function isEmptyFilter({ text, levels, conditions, range }: Filter): boolean {
  return text.trim() === '' && levels.length === 0 && conditions.length === 0 && range === undefined
}

/** Whether a row fulfils the conditions. */
export function createConditionTest(conditions: readonly Condition[]): (row: Row) => boolean {
  const groups = groupConditions(conditions)
  return (row) =>
    groups.every(({ field, included, excluded }) => {
      const text = emptyAsNone(textOf(valueAt(row, field)))
      return (included.size === 0 || included.has(text)) && !excluded.has(text)
    })
}

export interface ConditionGroup {
  readonly field: Field
  readonly included: ReadonlySet<string | undefined>
  readonly excluded: ReadonlySet<string | undefined>
}

/** By field, in the order in which they came. */
export function groupConditions(conditions: readonly Condition[]): readonly ConditionGroup[] {
  const groups = new Map<
    string,
    { readonly field: Field; included: Set<string | undefined>; excluded: Set<string | undefined> }
  >()
  for (const { field, text, exclude } of conditions) {
    const name = fieldName(field)
    const group = groups.get(name) ?? { field, included: new Set(), excluded: new Set() }
    groups.set(name, group)
    const side = exclude ? group.excluded : group.included
    side.add(emptyAsNone(text))
  }
  return [...groups.values()]
}

/** Adds a condition; the opposite one of the same value goes, and the same one is not added twice. */
export function withCondition(filter: Filter, condition: Condition): Filter {
  return { ...filter, conditions: [...withoutCondition(filter, condition).conditions, condition] }
}

export function withoutCondition(filter: Filter, condition: Condition): Filter {
  const name = fieldName(condition.field)
  return {
    ...filter,
    conditions: filter.conditions.filter(
      (other) => fieldName(other.field) !== name || other.text !== condition.text,
    ),
  }
}

/** Kusto's string has no null: '' is no value. */
function emptyAsNone(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
