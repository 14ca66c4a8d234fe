import type { JSX } from 'preact'

import type { Facet } from '../model/facet.ts'
import { fieldName } from '../model/field.ts'
import { formatCount } from '../model/format.ts'
import * as logs from '../state/logs.ts'
import { FilterButtons } from './filter-buttons.tsx'

export function FacetPanel(): JSX.Element {
  return (
    <aside class="facets" aria-label="Facets" tabIndex={0}>
      {logs.entryCount.value > 0 &&
        logs.summary.value.facets.map((facet) => <FacetSection key={fieldName(facet.field)} facet={facet} />)}
    </aside>
  )
}

function FacetSection({ facet }: { readonly facet: Facet }): JSX.Element {
  const { field, values, distinct, filled } = facet
  const name = fieldName(field)
  return (
    <details class="facet" open>
      <summary class="facet-head">
        <span class="facet-name">{name}</span>
        <span class="facet-distinct">{formatCount(distinct)}</span>
      </summary>
      {values.length === 0 ? (
        <p class="facet-none">No values</p>
      ) : (
        <ul class="facet-values">
          {values.map(({ text, count }) => (
            <li key={text} class="facet-value">
              <span class="facet-bar" style={{ width: `${(count / filled) * 100}%` }} />
              <button
                type="button"
                class="facet-text"
                title={text}
                onClick={() => logs.addCondition({ field, text, exclude: false })}
              >
                <span class="facet-label">{text}</span>
                <span class="facet-count">{formatCount(count)}</span>
              </button>
              <FilterButtons field={field} text={text} />
            </li>
          ))}
          {distinct > values.length && (
            <li class="facet-more">and {formatCount(distinct - values.length)} more</li>
          )}
        </ul>
      )}
    </details>
  )
}
