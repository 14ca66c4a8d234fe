import type { JSX } from 'preact'

import { copy } from '../state/notice.ts'
import { about } from '../state/session.ts'
import { Icon } from './icon.tsx'

/** What to paste where the application runs; for http, so without the authority, which would take the place of a company's own. */
export function Environment(): JSX.Element | null {
  const { NODE_EXTRA_CA_CERTS: _authority, ...env } = about.value?.env ?? {}
  const variables = Object.entries(env)
  if (variables.length === 0) return null
  const text = variables.map(([name, value]) => `export ${name}=${shellQuote(value)}`).join('\n')
  return (
    <div class="environment">
      <pre>{text}</pre>
      <button type="button" class="button" onClick={() => void copy(text, 'Variables')}>
        <Icon name="copy" />
        Copy
      </button>
    </div>
  )
}

function shellQuote(value: string): string {
  return /^[A-Za-z0-9_./:-]*$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`
}
