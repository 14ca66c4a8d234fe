import type { JSX } from 'preact'

import { formatBytes, formatCount, formatRatio, plural } from '../model/format.ts'
import { answerOf, effectsOf } from '../model/verdict-effects.ts'
import { copy } from '../state/notice.ts'
import { selectedVerdict, verdicts } from '../state/verdicts.ts'
import { Icon } from './icon.tsx'
import { StatusBadge } from './status-badge.tsx'

/** The wire limit of one request (Logs Ingestion API: 1 MB). */
const WIRE_LIMIT_BYTES = 1_048_576

export function VerdictDetails(): JSX.Element | null {
  const verdict = verdicts.value.find((candidate) => candidate.number === selectedVerdict.value)
  if (verdict === undefined) return null
  const { wireBytes, inflatedBytes, rowsReceived, rowsStored } = verdict
  const effects = effectsOf(verdict)
  const facts: readonly (readonly [string, string])[] = [
    ['Received', verdict.receivedAt],
    ['Stream', verdict.stream],
    ['Table', verdict.tables.length === 0 ? '–' : verdict.tables.join(', ')],
    ...(verdict.fault === undefined ? [] : [['Fault', verdict.fault] as const]),
    ['Rows', `${formatCount(rowsStored)} stored of ${formatCount(rowsReceived)}`],
    [
      'On the wire',
      `${formatBytes(wireBytes)}, ${((wireBytes / WIRE_LIMIT_BYTES) * 100).toFixed(1)} % of the 1 MB limit`,
    ],
    ['Inflated', inflatedBytes > 0 ? `${formatBytes(inflatedBytes)}, ratio ${formatRatio(verdict)}` : '–'],
    ['Request id', verdict.requestId],
    ...(verdict.clientRequestId === undefined
      ? []
      : [['Client request id', verdict.clientRequestId] as const]),
  ]
  return (
    <aside class="details" aria-label="Verdict details" tabIndex={0}>
      <div class="details-head">
        <StatusBadge verdict={verdict} />
        <span class="details-time">{answerOf(verdict)}</span>
        <button
          type="button"
          class="icon-button"
          aria-label="Close the details"
          title="Close (Esc)"
          onClick={() => (selectedVerdict.value = undefined)}
        >
          <Icon name="close" />
        </button>
      </div>
      <p class={`outcome ${verdict.losses.length > 0 ? 'outcome-loss' : ''}`}>
        <Icon name={verdict.losses.length > 0 ? 'warning' : 'check'} />
        {verdict.losses.length === 0
          ? 'Nothing is lost in silence.'
          : `The sender is not told of ${plural(verdict.losses.length, 'loss', 'losses')}.`}
      </p>
      {effects.map(({ kind, title, explanation, items }) => (
        <section key={kind} class="effect-section">
          <h2>{title}</h2>
          {kind !== 'nothing' && <p>{explanation}</p>}
          <ul>
            {items.map(({ name, count }) => (
              <li key={name}>
                <span class="effect-name">{name}</span>
                <span class="effect-count">{plural(count, 'row')}</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div class="details-actions">
        <button
          type="button"
          class="button"
          onClick={() => void copy(JSON.stringify(verdict, undefined, 2), 'JSON')}
        >
          <Icon name="copy" />
          Copy JSON
        </button>
      </div>
    </aside>
  )
}
