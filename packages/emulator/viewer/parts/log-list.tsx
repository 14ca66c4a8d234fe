import type { ComponentChildren, JSX } from 'preact'

import { fieldName, textOf, valueAt } from '../model/field.ts'
import type { Field } from '../model/field.ts'
import { isEmptyFilter, NO_FILTER } from '../model/filter.ts'
import { formatCount, formatTime, plural } from '../model/format.ts'
import { indexOfId } from '../model/log-book.ts'
import type { LogEntry } from '../model/log-book.ts'
import * as logs from '../state/logs.ts'
import { FilterButtons } from './filter-buttons.tsx'
import { Icon } from './icon.tsx'
import { Environment } from './environment.tsx'
import { VirtualGrid } from './virtual-grid.tsx'
import type { GridColumn } from './virtual-grid.tsx'

/** The rows, newest last. */
export function LogList(): JSX.Element {
  const { list } = logs.matches.value
  const shape = logs.shape.value
  const fields = logs.columns.value
  const hasLevel = shape.level !== undefined
  const columns: readonly GridColumn[] = [
    { key: 'time', title: 'Time', width: 104 },
    ...(hasLevel ? [{ key: 'level', title: 'Level', width: 64 }] : []),
    ...fields.map((field) => ({ key: fieldName(field), title: fieldName(field), ...sizeOf(field) })),
  ]
  const selectedIndex = logs.selectedId.value === undefined ? -1 : indexOfId(list, logs.selectedId.value)

  const cell = (index: number, column: number, isHovered: boolean): ComponentChildren => {
    const entry = list[index] as LogEntry
    if (column === 0)
      return <time title={String(entry.row['TimeGenerated'])}>{formatTime(entry.timeMs)}</time>
    if (hasLevel && column === 1) return <span class={`badge level-${entry.kind}`}>{entry.level}</span>
    const field = fields[column - (hasLevel ? 2 : 1)] as Field
    const text = textOf(valueAt(entry.row, field))
    if (text === undefined || text === '') return null
    const isMessage = field.column === shape.message?.column && field.path.length === 0
    return (
      <>
        <span class="cell-text">{text}</span>
        {isMessage && <ErrorHint entry={entry} />}
        {!isMessage && isHovered && <FilterButtons field={field} text={text} skipTab />}
      </>
    )
  }

  return (
    <section class="log-list" aria-label="Log rows">
      <VirtualGrid
        label="Logs"
        columns={columns}
        count={list.length}
        rowKey={(index) => (list[index] as LogEntry).id}
        rowClass={(index) => `row-${(list[index] as LogEntry).kind}`}
        cell={cell}
        drawnFrom={(index) => [list[index], shape, fields]}
        selectedIndex={selectedIndex}
        onSelect={(index) => {
          logs.following.value = false
          logs.selectedId.value = (list[index] as LogEntry).id
        }}
        following={logs.following.value}
        onFollow={(following) => (logs.following.value = following)}
        removedAbove={logs.removedMatches.value}
        empty={<Nothing />}
      />
      {!logs.following.value && list.length > 0 && (
        <button type="button" class="button jump" onClick={() => (logs.following.value = true)}>
          <Icon name="down" />
          Follow the newest
        </button>
      )}
      <p class="log-count">
        {logs.matchCount.value === logs.entryCount.value
          ? plural(logs.entryCount.value, 'row')
          : `${formatCount(logs.matchCount.value)} of ${plural(logs.entryCount.value, 'row')}`}
        {logs.totalRows.value > logs.entryCount.value + logs.heldBack.value &&
          `, the newest of ${formatCount(logs.totalRows.value)}`}
        {logs.evictedRows.value > 0 &&
          `; the retention let ${plural(logs.evictedRows.value, 'older row')} go`}
      </p>
    </section>
  )
}

function ErrorHint({ entry }: { readonly entry: LogEntry }): JSX.Element | null {
  const type = logs.shape.value.error?.type
  const text = type === undefined ? undefined : textOf(valueAt(entry.row, type))
  return text === undefined || text === '' ? null : <span class="error-hint">{text}</span>
}

function Nothing(): JSX.Element {
  if (!isEmptyFilter(logs.filter.value)) {
    return (
      <>
        <p>No row passes the filters.</p>
        <button type="button" class="button" onClick={() => logs.setFilter(NO_FILTER)}>
          Reset all filters
        </button>
      </>
    )
  }
  return (
    <>
      <p class="empty-title">Waiting for the first row</p>
      <p>Send logs to this emulator, and they appear here as Azure would store them.</p>
      <Environment />
    </>
  )
}

function sizeOf(field: Field): Pick<GridColumn, 'width' | 'grows'> {
  if (field.column === logs.shape.value.message?.column) return { width: 260, grows: true }
  switch (field.type) {
    case 'datetime':
      return { width: 200 }
    case 'int':
    case 'boolean':
      return { width: 90 }
    default:
      return { width: 140 }
  }
}
