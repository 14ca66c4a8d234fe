import type { JSX } from 'preact'

import { fieldName } from '../model/field.ts'
import type { Field } from '../model/field.ts'
import { addCondition } from '../state/logs.ts'
import { Icon } from './icon.tsx'

/** «Only these» and «not these», for one value. */
export function FilterButtons(props: {
  readonly field: Field
  readonly text: string | undefined
  /** Reached through the row's details instead. */
  readonly skipTab?: boolean
}): JSX.Element {
  const { field, text } = props
  const what = `${fieldName(field)} ${text ?? 'without a value'}`
  const press = (exclude: boolean) => (event: Event) => {
    event.stopPropagation()
    addCondition({ field, text, exclude })
  }
  return (
    <span class="filter-buttons">
      <button
        type="button"
        class="tiny-button"
        tabIndex={props.skipTab === true ? -1 : 0}
        aria-label={`Only ${what}`}
        title="Only these"
        onClick={press(false)}
      >
        <Icon name="plus" />
      </button>
      <button
        type="button"
        class="tiny-button"
        tabIndex={props.skipTab === true ? -1 : 0}
        aria-label={`Not ${what}`}
        title="Not these"
        onClick={press(true)}
      >
        <Icon name="minus" />
      </button>
    </span>
  )
}
