import type { Writable } from 'node:stream'
import { styleText } from 'node:util'

/** Where a command writes. Text and JSON exclude each other, so a command may call both and need not ask which is wanted. */
export interface Output {
  /** True with `--json`. */
  readonly json: boolean
  /** True where a person can be asked: a terminal on both sides, and no `--json`. */
  readonly interactive: boolean
  /** A line of the answer, on stdout. Nothing with `--json`. */
  line(text?: string): void
  /** A JSON document on a line of its own, on stdout. Nothing without `--json`. */
  data(value: unknown): void
  /** A line about the work, on stderr, so that stdout stays clean for pipes. Nothing with `--json`. */
  note(text: string): void
  /** Colours for {@link line}; plain where stdout is no terminal or `NO_COLOR` is set. */
  readonly style: Style
  /** The same for {@link note}. */
  readonly noteStyle: Style
}

type Format = Parameters<typeof styleText>[0]

/** Text in a colour that the stream can show. */
type Style = (format: Format, text: string) => string

export function createOutput(json: boolean): Output {
  return {
    json,
    interactive: !json && process.stdin.isTTY && process.stdout.isTTY,
    line(text = '') {
      if (!json) process.stdout.write(`${text}\n`)
    },
    data(value) {
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`)
    },
    note(text) {
      if (!json) process.stderr.write(`${text}\n`)
    },
    style: styleFor(process.stdout),
    noteStyle: styleFor(process.stderr),
  }
}

/** `styleText` looks at NO_COLOR, FORCE_COLOR and whether the stream is a terminal. */
function styleFor(stream: Writable): Style {
  return (format, text) => styleText(format, text, { stream })
}
