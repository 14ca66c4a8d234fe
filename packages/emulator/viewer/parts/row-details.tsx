import type { JSX } from 'preact'

import { textOf, valueAt } from '../model/field.ts'
import { NO_FILTER, withCondition } from '../model/filter.ts'
import { kqlOf } from '../model/kql.ts'
import type { LogEntry } from '../model/log-book.ts'
import * as logs from '../state/logs.ts'
import { copy } from '../state/notice.ts'
import { ErrorStack } from './error-stack.tsx'
import { Icon } from './icon.tsx'
import { ValueTree } from './value-tree.tsx'

export function RowDetails(): JSX.Element | null {
  const entry = logs.selected.value
  if (entry === undefined) return null
  const shape = logs.shape.value
  const text = (column: typeof shape.message): string =>
    column === undefined ? '' : (textOf(valueAt(entry.row, column)) ?? '')
  const stack = text(shape.error?.stack)
  const shown = shape.fields.filter((field) => field !== shape.message && field !== shape.error?.stack)
  const filled = shown.filter((field) => (textOf(valueAt(entry.row, field)) ?? '') !== '')
  return (
    <aside class="details" aria-label="Row details" tabIndex={0}>
      <div class="details-head">
        {entry.level !== '' && <span class={`badge level-${entry.kind}`}>{entry.level}</span>}
        <time class="details-time">{String(entry.row['TimeGenerated'])}</time>
        <button
          type="button"
          class="icon-button"
          aria-label="Close the details"
          title="Close (Esc)"
          onClick={() => (logs.selectedId.value = undefined)}
        >
          <Icon name="close" />
        </button>
      </div>
      <p class="details-message">{text(shape.message)}</p>
      <div class="details-actions">
        <button
          type="button"
          class="button"
          onClick={() => void copy(JSON.stringify(entry.row, undefined, 2), 'JSON')}
        >
          <Icon name="copy" />
          Copy JSON
        </button>
        <button type="button" class="button" onClick={() => void copy(kqlOfRow(entry), 'KQL')}>
          <Icon name="code" />
          Copy KQL of this row
        </button>
      </div>
      {stack !== '' && (
        <ErrorStack type={text(shape.error?.type)} message={text(shape.error?.message)} stack={stack} />
      )}
      <ul class="tree" aria-label="Columns">
        {filled.map((field) => (
          <ValueTree key={field.column} name={field.column} field={field} value={valueAt(entry.row, field)} />
        ))}
      </ul>
    </aside>
  )
}

/** By the identifier of the row where it has one, by its time otherwise. */
function kqlOfRow({ row }: LogEntry): string {
  const shape = logs.shape.value
  const key = ['RecordId', 'TimeGenerated'].flatMap(
    (name) => shape.fields.find((field) => field.column === name) ?? [],
  )
  const field = key.find((candidate) => (textOf(valueAt(row, candidate)) ?? '') !== '')
  if (field === undefined) return kqlOf(NO_FILTER, shape)
  return kqlOf(withCondition(NO_FILTER, { field, text: textOf(valueAt(row, field)), exclude: false }), shape)
}
