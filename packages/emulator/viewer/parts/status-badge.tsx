import type { JSX } from 'preact'

import type { NumberedVerdict } from '../../src/viewer-protocol.ts'

export function StatusBadge({ verdict }: { readonly verdict: NumberedVerdict }): JSX.Element {
  const { status, outcome } = verdict
  return (
    <span class={`badge status-${status === 0 ? 0 : Math.floor(status / 100)}`}>
      {status === 0 ? outcome : status}
    </span>
  )
}
