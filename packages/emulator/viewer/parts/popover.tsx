import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

import { Icon } from './icon.tsx'
import type { IconName } from './icon.tsx'

/** A button with something that opens below it; Escape and a click elsewhere close it. */
export function Popover(props: {
  readonly icon: IconName
  readonly label: string
  readonly children: (close: () => void) => ComponentChildren
}): JSX.Element {
  const [open, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const close = (): void => setOpen(false)

  useEffect(() => {
    if (!open) return undefined
    const onPointer = (event: Event): void => {
      if (event.target instanceof Node && root.current?.contains(event.target) !== true) close()
    }
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return
      event.preventDefault()
      close()
      button.current?.focus()
    }
    document.addEventListener('pointerdown', onPointer)
    document.addEventListener('keydown', onKey, true)
    return () => {
      document.removeEventListener('pointerdown', onPointer)
      document.removeEventListener('keydown', onKey, true)
    }
  }, [open])

  return (
    <div ref={root} class="popover-root">
      <button ref={button} type="button" class="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={props.icon} />
        {props.label}
      </button>
      {open && (
        <div class="popover" role="group" aria-label={props.label}>
          {props.children(close)}
        </div>
      )}
    </div>
  )
}
