import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

import { KEYS } from '../state/keyboard.ts'
import { helpShown } from '../state/view.ts'
import { Icon } from './icon.tsx'

export function HelpDialog(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (helpShown.value) dialog.current?.showModal()
    else dialog.current?.close()
  }, [helpShown.value])
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="help-title"
      onClose={() => (helpShown.value = false)}
    >
      <div class="dialog-head">
        <h2 id="help-title">Keyboard</h2>
        <button
          type="button"
          class="icon-button"
          aria-label="Close"
          onClick={() => (helpShown.value = false)}
        >
          <Icon name="close" />
        </button>
      </div>
      <dl class="keys">
        {KEYS.map(([keys, meaning]) => (
          <div key={keys} class="keys-row">
            <dt>
              {keys.split(/\s+/).map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  )
}
