import type { JSX } from 'preact'

import type { QueryResult } from '../../src/viewer-protocol.ts'
import { textOf } from '../model/field.ts'
import { isEmptyFilter } from '../model/filter.ts'
import { plural } from '../model/format.ts'
import { identifier } from '../model/kql.ts'
import { shapeOf } from '../model/table-shape.ts'
import { Icon } from '../parts/icon.tsx'
import { VirtualGrid } from '../parts/virtual-grid.tsx'
import type { GridColumn } from '../parts/virtual-grid.tsx'
import { filter, kql } from '../state/logs.ts'
import { download } from '../state/notice.ts'
import { queryState, queryText, run } from '../state/query.ts'
import { about } from '../state/session.ts'

export function QueryView(): JSX.Element {
  const examples = examplesFor()
  const running = queryState.value.kind === 'running'
  if (queryText.value === '' && examples[0] !== undefined) queryText.value = examples[0].query
  return (
    <div class="query">
      <form
        class="query-form"
        onSubmit={(event) => {
          event.preventDefault()
          void run()
        }}
      >
        <label class="query-label" for="query-text">
          KQL
        </label>
        <textarea
          id="query-text"
          class="query-text"
          rows={7}
          spellcheck={false}
          autocomplete="off"
          value={queryText.value}
          onInput={(event) => (queryText.value = event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
            event.preventDefault()
            void run()
          }}
        />
        <div class="query-bar">
          <button type="submit" class="button button-primary" disabled={running}>
            <Icon name="play" />
            {running ? 'Running' : 'Run'}
          </button>
          <span class="query-hint">
            <kbd>Ctrl</kbd> <kbd>Enter</kbd>
          </span>
          <div class="chips" role="group" aria-label="Examples">
            {!isEmptyFilter(filter.value) && (
              <button type="button" class="chip" onClick={() => (queryText.value = kql.value)}>
                The filter of the logs
              </button>
            )}
            {examples.map(({ title, query }) => (
              <button key={title} type="button" class="chip" onClick={() => (queryText.value = query)}>
                {title}
              </button>
            ))}
          </div>
        </div>
      </form>
      <Outcome />
    </div>
  )
}

function Outcome(): JSX.Element {
  const state = queryState.value
  switch (state.kind) {
    case 'failed':
      return (
        <div class="query-error" role="alert">
          <Icon name="warning" />
          <pre>{state.message}</pre>
        </div>
      )
    case 'done':
      return <Result result={state.result} />
    default:
      return (
        <p class="query-nothing" role="status">
          {state.kind === 'running'
            ? 'Running…'
            : 'Run a query over what has been stored. The same text works in Log Analytics.'}
        </p>
      )
  }
}

function Result({ result }: { readonly result: QueryResult }): JSX.Element {
  const { columns, rows, isTruncated, durationMs } = result
  const names = columns.map((column) => column.name)
  const exportRows = (): void => {
    const lines = rows.map((row) =>
      JSON.stringify(Object.fromEntries(names.map((name, index) => [name, row[index]]))),
    )
    download(lines.map((line) => `${line}\n`).join(''), 'query.ndjson', 'application/x-ndjson')
  }
  return (
    <>
      <div class="query-summary" role="status">
        {isTruncated && 'The first '}
        {plural(rows.length, 'row')} in {durationMs < 10 ? durationMs.toFixed(1) : Math.round(durationMs)} ms
        <button type="button" class="link-button" onClick={exportRows}>
          Export NDJSON
        </button>
      </div>
      <section class="log-list" aria-label="Result">
        <VirtualGrid
          label="Query result"
          columns={columns.map(gridColumn)}
          count={rows.length}
          rowKey={(index) => index}
          cell={(index, column) => {
            const text = textOf(rows[index]?.[column])
            return text === undefined ? (
              <span class="tree-null">null</span>
            ) : (
              <span class="cell-text" title={text}>
                {text}
              </span>
            )
          }}
          drawnFrom={() => [result]}
          empty={<p>The result is empty.</p>}
        />
      </section>
    </>
  )
}

function gridColumn({ name, type }: QueryResult['columns'][number]): GridColumn {
  const wide = type === 'dynamic' || /message|stack/i.test(name)
  const column = { key: name, title: name, width: wide ? 260 : type === 'datetime' ? 210 : 150, grows: wide }
  return /^(?:int|long|real|decimal)$/.test(type) ? { ...column, align: 'end' } : column
}

function examplesFor(): readonly { readonly title: string; readonly query: string }[] {
  const table = about.value?.tables[0]
  if (table === undefined) return []
  const { level, message } = shapeOf(table)
  const name = identifier(table.name)
  return [
    { title: 'Newest', query: `${name}\n| order by TimeGenerated desc\n| take 100` },
    ...(level === undefined
      ? []
      : [
          {
            title: 'Rows by level',
            query: `${name}\n| summarize count() by ${identifier(level.column)}\n| order by count_ desc`,
          },
        ]),
    { title: 'Rows by minute', query: `${name}\n| summarize count() by bin(TimeGenerated, 1m)` },
    ...(message === undefined
      ? []
      : [{ title: 'Distinct messages', query: `${name}\n| distinct ${identifier(message.column)}` }]),
  ]
}
