import type { NumberedVerdict } from '../../src/viewer-protocol.ts'

/** What happens to values and rows, in the words of the page. */
export interface Effect {
  readonly kind:
    | 'nothing'
    | 'dropped'
    | 'dropped-from-table'
    | 'nulled'
    | 'truncated'
    | 'restamped'
    | 'discarded'
    | 'filtered'
    | 'coerced'
  readonly title: string
  readonly explanation: string
  /** Whether the sender loses something without being told. */
  readonly loss: boolean
  /** What it happens to, and in how many rows. */
  readonly items: readonly { readonly name: string; readonly count: number }[]
}

export function effectsOf(verdict: NumberedVerdict): readonly Effect[] {
  const { restampedRows: restamped, nothingStored } = verdict
  const effects: readonly Effect[] = [
    {
      kind: 'nothing',
      title: 'Nothing stored',
      explanation: nothingStored?.why ?? '',
      loss: nothingStored?.silent === true,
      items: nothingStored === undefined ? [] : [{ name: nothingStored.why, count: verdict.rowsReceived }],
    },
    {
      kind: 'dropped',
      title: 'Dropped',
      explanation:
        'The stream declares no column of exactly this name. Azure answers 204 and throws it away.',
      loss: true,
      items: itemsOf(verdict.droppedColumns),
    },
    {
      kind: 'dropped-from-table',
      title: 'Dropped by the table',
      explanation: 'The flow hands it on, but its table has no such column.',
      loss: true,
      items: itemsOf(verdict.droppedFromTable),
    },
    {
      kind: 'nulled',
      title: 'Nulled',
      explanation: 'The value does not fit the type of its column and becomes null.',
      loss: true,
      items: itemsOf(verdict.nulledValues),
    },
    {
      kind: 'truncated',
      title: 'Truncated',
      explanation: 'Values are cut to 64 KB.',
      loss: true,
      items: itemsOf(verdict.truncatedValues),
    },
    {
      kind: 'restamped',
      title: 'Re-stamped',
      explanation: 'TimeGenerated is replaced by the time of arrival.',
      loss: restamped.tooOld + restamped.tooNew + restamped.unreadable + restamped.notMicroseconds > 0,
      items: itemsOf({
        'more than 2 days old': restamped.tooOld,
        'more than 1 day ahead': restamped.tooNew,
        'no datetime': restamped.unreadable,
        'without six decimals': restamped.notMicroseconds,
        'not sent': restamped.missing,
      }),
    },
    {
      kind: 'discarded',
      title: 'Discarded',
      explanation: 'Elements of the array that are no objects are left out.',
      loss: true,
      items: itemsOf({ elements: verdict.rowsDiscarded }),
    },
    {
      kind: 'filtered',
      title: 'Filtered',
      explanation: "The rule's transformation lets these rows go: no loss.",
      loss: false,
      items: itemsOf({ 'by transformKql': verdict.rowsFiltered }),
    },
    {
      kind: 'coerced',
      title: 'Converted',
      explanation: 'The value has another type than its column and could be converted: nothing is lost.',
      loss: false,
      items: itemsOf(verdict.coercedValues),
    },
  ]
  return effects.filter((effect) => effect.items.length > 0)
}

/** What the sender got, next to the status. */
export function answerOf({ outcome, errorCode, status, nothingStored }: NumberedVerdict): string {
  switch (outcome) {
    case 'half':
      return 'The connection ended in the middle of the answer'
    case 'hung':
      return 'There was no answer'
    case 'reset':
      return nothingStored?.silent === false
        ? 'The connection was reset, and nothing was stored'
        : 'The connection was reset after storing'
    default:
      return errorCode ?? (status < 300 ? 'Accepted' : 'Refused')
  }
}

function itemsOf(counts: Readonly<Record<string, number>>): Effect['items'] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count)
}
