import type { ComponentChildren, JSX } from 'preact'

import type { NumberedVerdict } from '../../src/viewer-protocol.ts'
import { formatBytes, formatCount, formatRate, formatRatio, formatTime, plural } from '../model/format.ts'
import { effectsOf } from '../model/verdict-effects.ts'
import { VerdictDetails } from '../parts/verdict-details.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { VirtualGrid } from '../parts/virtual-grid.tsx'
import type { GridColumn } from '../parts/virtual-grid.tsx'
import * as state from '../state/verdicts.ts'

const COLUMNS: readonly GridColumn[] = [
  { key: 'time', title: 'Time', width: 104 },
  { key: 'status', title: 'Status', width: 60 },
  { key: 'stream', title: 'Stream', width: 180 },
  { key: 'rows', title: 'Rows', width: 90, align: 'end' },
  { key: 'wire', title: 'Sent', width: 76, align: 'end' },
  { key: 'inflated', title: 'Inflated', width: 76, align: 'end' },
  { key: 'ratio', title: 'Ratio', width: 70, align: 'end' },
  { key: 'effects', title: 'What Azure would do', width: 260, grows: true },
]

export function VerdictsView(): JSX.Element {
  const shown = state.shownVerdicts.value
  const at = (index: number): NumberedVerdict => shown[index] as NumberedVerdict
  return (
    <div class="verdicts">
      <Totals />
      <div class="toolbar">
        <div class="chips" role="group" aria-label="Which requests">
          {state.VERDICT_KINDS.map((kind) => (
            <button
              key={kind}
              type="button"
              class="chip"
              aria-pressed={state.verdictKind.value === kind}
              onClick={() => (state.verdictKind.value = kind)}
            >
              <span class="chip-name">{KIND_TITLES[kind]}</span>{' '}
              <span class="chip-count">
                {formatCount(state.verdicts.value.filter((verdict) => state.isKind(verdict, kind)).length)}
              </span>
            </button>
          ))}
        </div>
      </div>
      <div class="logs-body">
        <section class="log-list" aria-label="Requests">
          <VirtualGrid
            label="Verdicts"
            columns={COLUMNS}
            count={shown.length}
            rowKey={(index) => at(index).number}
            rowClass={(index) =>
              at(index).losses.length > 0 ? 'row-warn' : isFailure(at(index)) ? 'row-error' : ''
            }
            cell={(index, column) => cell(at(index), column)}
            drawnFrom={(index) => [at(index)]}
            selectedIndex={shown.findIndex((verdict) => verdict.number === state.selectedVerdict.value)}
            onSelect={(index) => (state.selectedVerdict.value = at(index).number)}
            empty={<Nothing />}
          />
        </section>
        <VerdictDetails />
      </div>
    </div>
  )
}

const KIND_TITLES = { all: 'All', losses: 'With losses', failed: 'Failed' } as const

function cell(verdict: NumberedVerdict, column: number): ComponentChildren {
  const { wireBytes, inflatedBytes, rowsReceived, rowsStored } = verdict
  switch (COLUMNS[column]?.key) {
    case 'time':
      return <time title={verdict.receivedAt}>{formatTime(Date.parse(verdict.receivedAt))}</time>
    case 'status':
      return <StatusBadge verdict={verdict} />
    case 'stream':
      return <span class="cell-text">{verdict.stream}</span>
    case 'rows':
      return rowsReceived === rowsStored
        ? formatCount(rowsStored)
        : `${formatCount(rowsStored)} of ${formatCount(rowsReceived)}`
    case 'wire':
      return formatBytes(wireBytes)
    case 'inflated':
      return inflatedBytes > 0 ? formatBytes(inflatedBytes) : '–'
    case 'ratio':
      return formatRatio(verdict)
    default:
      return <Effects verdict={verdict} />
  }
}

function Effects({ verdict }: { readonly verdict: NumberedVerdict }): JSX.Element {
  const effects = effectsOf(verdict)
  if (effects.length === 0) return <span class="all-well">Everything stored</span>
  return (
    <span class="effects">
      {effects.map(({ kind, title, loss, items }) => (
        <span key={kind} class={`effect ${loss ? 'effect-loss' : ''}`}>
          {title}: {items.map((item) => item.name).join(', ')}
        </span>
      ))}
    </span>
  )
}

function isFailure({ status }: NumberedVerdict): boolean {
  return status < 200 || status > 299
}

function Totals(): JSX.Element {
  const all = state.verdicts.value
  const { rowsPerSecond, requestsPerSecond, bytesPerSecond } = state.throughput.value
  const sum = (pick: (verdict: NumberedVerdict) => number): number =>
    all.reduce((total, verdict) => total + pick(verdict), 0)
  const losses = all.filter((verdict) => verdict.losses.length > 0).length
  const failures = all.filter(isFailure).length
  const wire = sum((verdict) => verdict.wireBytes)
  const inflated = sum((verdict) => verdict.inflatedBytes)
  return (
    <dl class="totals">
      <Total title="Requests" value={formatCount(all.length)} note={`${formatRate(requestsPerSecond)}/s`} />
      <Total
        title="Rows stored"
        value={formatCount(sum((verdict) => verdict.rowsStored))}
        note={`${formatRate(rowsPerSecond)}/s`}
      />
      <Total
        title="On the wire"
        value={formatBytes(wire)}
        note={
          inflated > wire && wire > 0
            ? `${(inflated / wire).toFixed(1)} : 1`
            : `${formatBytes(bytesPerSecond)}/s`
        }
      />
      <Total
        title="Lose something in silence"
        value={formatCount(losses)}
        note={losses === 0 ? 'none so far' : `of ${plural(all.length, 'request')}`}
        tone={losses === 0 ? 'good' : 'bad'}
      />
      <Total
        title="Refused or broken off"
        value={formatCount(failures)}
        note={failures === 0 ? 'none so far' : 'the sender got no success'}
        tone={failures === 0 ? 'good' : 'warn'}
      />
    </dl>
  )
}

function Total(props: {
  readonly title: string
  readonly value: string
  readonly note: string
  readonly tone?: 'good' | 'warn' | 'bad'
}): JSX.Element {
  return (
    <div class={`total total-${props.tone ?? 'plain'}`}>
      <dt>{props.title}</dt>
      <dd>
        <span class="total-value">{props.value}</span>
        <span class="total-note">{props.note}</span>
      </dd>
    </div>
  )
}

function Nothing(): JSX.Element {
  return state.verdicts.value.length === 0 ? (
    <>
      <p class="empty-title">No requests yet</p>
      <p>
        Each upload gets a verdict here: what Azure would answer, and what it would throw away behind its 204.
      </p>
    </>
  ) : (
    <p>No request of this kind.</p>
  )
}
