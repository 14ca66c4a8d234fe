import type { JSX } from 'preact'

import { bigIntegerText } from '../../src/json.ts'
import { textOf } from '../model/field.ts'
import type { Field } from '../model/field.ts'
import { plural } from '../model/format.ts'
import { FilterButtons } from './filter-buttons.tsx'

/** Members beyond this are counted, not drawn. */
const MAX_MEMBERS = 200

interface ValueTreeProps {
  readonly name: string
  readonly field: Field
  readonly value: unknown
}

/** A value and, folded, what is in it; each leaf can be filtered by. */
export function ValueTree({ name, field, value }: ValueTreeProps): JSX.Element {
  if (typeof value !== 'object' || value === null || bigIntegerText(value) !== undefined) {
    return <Leaf name={name} field={field} value={value} />
  }
  const members = Object.entries(value)
  const isArray = Array.isArray(value)
  const open = field.path.length < 2
  return (
    <li class="tree-item">
      <details open={open && members.length > 0}>
        <summary class="tree-head">
          <span class="tree-name">{name}</span>
          <span class="tree-size">
            {isArray ? plural(members.length, 'element') : plural(members.length, 'member')}
          </span>
        </summary>
        <ul class="tree">
          {members.slice(0, MAX_MEMBERS).map(([key, member]) => (
            <ValueTree
              key={key}
              name={key}
              field={{ ...field, path: [...field.path, isArray ? Number(key) : key] }}
              value={member}
            />
          ))}
          {members.length > MAX_MEMBERS && (
            <li class="tree-more">and {plural(members.length - MAX_MEMBERS, 'more', 'more')}</li>
          )}
        </ul>
      </details>
    </li>
  )
}

function Leaf({ name, field, value }: ValueTreeProps): JSX.Element {
  const text = textOf(value)
  const kind = value === null ? 'null' : typeof value === 'object' ? 'number' : typeof value
  return (
    <li class="tree-item tree-leaf">
      <span class="tree-name">{name}</span>
      <span class={`tree-value tree-${kind}`}>{text ?? 'null'}</span>
      <FilterButtons field={field} text={text} />
    </li>
  )
}
