import type { JSX } from 'preact'

import { notice } from '../state/notice.ts'

export function Notice(): JSX.Element {
  const current = notice.value
  return (
    <div class="notices" role="status">
      {current !== undefined && (
        <div class={`notice ${current.failed ? 'notice-failed' : ''}`}>{current.text}</div>
      )}
    </div>
  )
}
