import { styleText } from 'node:util'

import { grouped } from './presentation.ts'

/** What there is to tell while the demo runs. */
export interface Progress {
  readonly answered: number
  readonly expected: number
  readonly storedRows: number
  /** What the endpoint did instead of storing, such as `429`, and how often. */
  readonly troubles: ReadonlyMap<string, number>
}

/** The demo's output: lines that stay, and at the bottom of a terminal one that moves. */
export interface Screen {
  /** A line with the time since the start. */
  event(text: string): void
  /** Text that stays as it is. */
  print(text: string): void
  /** Takes the moving line away. */
  [Symbol.dispose](): void
}

const BAR_WIDTH = { min: 8, max: 20 } as const

/** Milliseconds between two looks at the progress: on a terminal, and in a log. */
const REDRAW_MS = { terminal: 100, log: 2000 } as const

/** Asks `read` for the progress now and then; undefined means that there is none to show. */
export function createScreen(stream: NodeJS.WriteStream, read: () => Progress | undefined): Screen {
  const startedAt = performance.now()
  const terminal = stream.isTTY
  const timer = setInterval(draw, terminal ? REDRAW_MS.terminal : REDRAW_MS.log)
  timer.unref()

  const elapsed = (): string => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`.padStart(7)
  const clear = (): void => {
    if (terminal) stream.write('\r\u001B[2K')
  }

  function draw(): void {
    const progress = read()
    if (progress === undefined) return
    clear()
    stream.write(terminal ? describe(progress) : `${describe(progress)}\n`)
  }

  function describe({ answered, expected, storedRows, troubles }: Progress): string {
    const bad = Array.from(troubles, ([what, count]) => `${count} × ${what}`).join(', ')
    const text = `${grouped(answered)} requests  ${grouped(storedRows)} rows  ${bad}`.trimEnd()
    const width = Math.min(BAR_WIDTH.max, (terminal ? stream.columns : 0) - text.length - 12)
    if (width < BAR_WIDTH.min) return cut(`${elapsed()}  ${text}`)
    const done = Math.min(width, Math.round((width * answered) / expected))
    const bar = styleText('cyan', '━'.repeat(done)) + styleText('dim', '─'.repeat(width - done))
    return `${elapsed()}  ${bar}  ${text}`
  }

  // A line that wraps could not be taken back.
  function cut(text: string): string {
    return terminal ? text.slice(0, Math.max(0, stream.columns - 1)) : text
  }

  return {
    event(text) {
      clear()
      stream.write(`${styleText('dim', elapsed())}  ${text}\n`)
      if (terminal) draw()
    },
    print(text) {
      clear()
      stream.write(text)
    },
    [Symbol.dispose]() {
      clearInterval(timer)
      clear()
    },
  }
}
