import type { JSX } from 'preact'

import { clearEmulator } from '../state/api.ts'
import { announce } from '../state/notice.ts'
import { Popover } from './popover.tsx'

export function ClearButton(): JSX.Element {
  return (
    <Popover icon="trash" label="Clear">
      {(close) => (
        <div class="confirm">
          <p>Forget all rows and verdicts of the emulator, in every table?</p>
          <button
            type="button"
            class="button button-danger"
            onClick={() => {
              close()
              clearEmulator().then(
                () => announce('Cleared'),
                (error: Error) => announce(error.message, true),
              )
            }}
          >
            Forget everything
          </button>
        </div>
      )}
    </Popover>
  )
}
