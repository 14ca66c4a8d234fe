import type { JSX } from 'preact'

import { stackLines } from '../model/stack.ts'
import { copy } from '../state/notice.ts'
import { Icon } from './icon.tsx'

export function ErrorStack(props: {
  readonly type: string
  readonly message: string
  readonly stack: string
}): JSX.Element {
  const { type, message, stack } = props
  return (
    <section class="stack" aria-label="Error">
      <div class="stack-head">
        <h2>
          {type === '' ? 'Error' : type}
          {message !== '' && <span class="stack-message">{message}</span>}
        </h2>
        <button
          type="button"
          class="icon-button"
          aria-label="Copy the stack"
          title="Copy the stack"
          onClick={() => void copy(stack, 'Stack')}
        >
          <Icon name="copy" />
        </button>
      </div>
      <pre class="stack-lines" tabIndex={0} aria-label="Stack">
        {stackLines(stack).map(({ text, foreign, link }, index) => (
          <div key={index} class={foreign ? 'stack-line stack-foreign' : 'stack-line'}>
            {link === undefined || foreign ? (
              text
            ) : (
              <a href={link} title="Open in VS Code">
                {text}
              </a>
            )}
          </div>
        ))}
      </pre>
    </section>
  )
}
