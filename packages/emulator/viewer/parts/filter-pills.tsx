import type { JSX } from 'preact'

import { fieldName } from '../model/field.ts'
import { NO_FILTER, withCondition, withoutCondition } from '../model/filter.ts'
import { formatMoment, formatTime } from '../model/format.ts'
import * as logs from '../state/logs.ts'
import { Icon } from './icon.tsx'

/** What is filtered by, each part with a way to undo it. */
export function FilterPills(): JSX.Element | null {
  const filter = logs.filter.value
  const { conditions, range } = filter
  if (conditions.length === 0 && range === undefined) return null
  return (
    <div class="pills" role="group" aria-label="Filters">
      {range !== undefined && (
        <Pill
          text={`${formatMoment(range.fromMs, Infinity)}:${formatTime(range.fromMs).slice(6)} – ${formatTime(range.toMs)}`}
          onRemove={() => logs.setFilter({ ...filter, range: undefined })}
        />
      )}
      {conditions.map((condition) => {
        const name = fieldName(condition.field)
        const value = condition.text === undefined ? 'no value' : condition.text
        return (
          <Pill
            key={`${name}\n${value}`}
            text={`${name} ${condition.exclude ? '≠' : '='} ${value}`}
            exclude={condition.exclude}
            onTurn={() =>
              logs.setFilter(withCondition(filter, { ...condition, exclude: !condition.exclude }))
            }
            onRemove={() => logs.setFilter(withoutCondition(filter, condition))}
          />
        )
      })}
      <button type="button" class="link-button" onClick={() => logs.setFilter(NO_FILTER)}>
        Reset all filters
      </button>
    </div>
  )
}

function Pill(props: {
  readonly text: string
  readonly exclude?: boolean
  readonly onTurn?: () => void
  readonly onRemove: () => void
}): JSX.Element {
  const { text, exclude = false, onTurn, onRemove } = props
  return (
    <span class={`pill ${exclude ? 'pill-exclude' : ''}`}>
      {onTurn === undefined ? (
        <span class="pill-text">{text}</span>
      ) : (
        <button
          type="button"
          class="pill-text"
          title={exclude ? 'Include instead' : 'Exclude instead'}
          onClick={onTurn}
        >
          {text}
        </button>
      )}
      <button type="button" class="pill-remove" aria-label={`Remove the filter ${text}`} onClick={onRemove}>
        <Icon name="close" />
      </button>
    </span>
  )
}
