import type { JSX } from 'preact'

import { formatCount } from '../model/format.ts'
import * as logs from '../state/logs.ts'
import { copy } from '../state/notice.ts'
import { about, chooseTable } from '../state/session.ts'
import { ClearButton } from './clear-button.tsx'
import { ColumnPicker } from './column-picker.tsx'
import { ExportMenu } from './export-menu.tsx'
import { Icon } from './icon.tsx'

export function LogToolbar(): JSX.Element {
  const { filter, paused, kql } = logs
  const tables = about.value?.tables ?? []
  return (
    <div class="toolbar">
      {tables.length > 1 && (
        <select
          class="select"
          aria-label="Table"
          value={logs.shape.value.table.name}
          onChange={(event) => chooseTable(event.currentTarget.value)}
        >
          {tables.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
      <div class="search" role="search">
        <Icon name="search" />
        <input
          id="search"
          type="search"
          aria-label="Search in all columns"
          placeholder={`Search ${logs.shape.value.table.name}`}
          autocomplete="off"
          spellcheck={false}
          value={filter.value.text}
          onInput={(event) => logs.setFilter({ ...filter.value, text: event.currentTarget.value })}
        />
        <kbd aria-hidden="true">/</kbd>
      </div>
      <LevelChips />
      <div class="toolbar-end">
        <button
          type="button"
          class={`button ${paused.value ? 'button-on' : ''}`}
          aria-pressed={paused.value}
          title="Pause or go on (space)"
          onClick={logs.togglePause}
        >
          <Icon name={paused.value ? 'play' : 'pause'} />
          {paused.value
            ? `Resume${logs.heldBack.value > 0 ? ` (${formatCount(logs.heldBack.value)} new)` : ''}`
            : 'Pause'}
        </button>
        <ColumnPicker />
        <button type="button" class="button" onClick={() => void copy(kql.value, 'KQL')}>
          <Icon name="code" />
          Copy KQL
        </button>
        <ExportMenu />
        <ClearButton />
      </div>
    </div>
  )
}

function LevelChips(): JSX.Element {
  const chosen = logs.filter.value.levels
  const counted = logs.summary.value.levels
  const gone = chosen.filter((level) => !counted.some((count) => count.level === level))
  const chips = [...counted, ...gone.map((level) => ({ level, kind: 'other' as const, count: 0 }))]
  return (
    <div class="chips" role="group" aria-label="Levels">
      {chips.map(({ level, kind, count }) => (
        <button
          key={level}
          type="button"
          class={`chip level-${kind}`}
          aria-pressed={chosen.includes(level)}
          onClick={() => logs.toggleLevel(level)}
        >
          <span class="chip-name">{level}</span> <span class="chip-count">{formatCount(count)}</span>
        </button>
      ))}
    </div>
  )
}
