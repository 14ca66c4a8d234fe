import { formatBytes, formatCount } from './numbers.ts'

/** What is shown while an upload runs. */
interface ProgressState {
  /** Bytes of the file that have been read, and all of them; 0 where that is not known. */
  readonly readBytes: number
  readonly totalBytes: number
  readonly records: number
  readonly requests: number
  readonly retries: number
}

/** One line that is written over and over. */
export interface Progress {
  show(state: ProgressState): void
  /** Takes the line away. */
  clear(): void
}

const REDRAW_MS = 100
const BAR_CELLS = 24

/** A bar on a terminal; nothing at all elsewhere. */
export function createProgress(stream: NodeJS.WriteStream, enabled: boolean): Progress {
  if (!enabled || !stream.isTTY) return { show() {}, clear() {} }
  const started = performance.now()
  let shownAt = Number.NEGATIVE_INFINITY
  return {
    show(state) {
      const now = performance.now()
      if (now - shownAt < REDRAW_MS) return
      shownAt = now
      const line = describe(state, (now - started) / 1000).slice(0, stream.columns - 1)
      stream.write(`\r\u001B[K${line}`)
    },
    clear() {
      if (shownAt > 0) stream.write('\r\u001B[K')
    },
  }
}

/** The line, for `seconds` since the start. */
function describe(state: ProgressState, seconds: number): string {
  const { readBytes, totalBytes, records, requests, retries } = state
  const share = totalBytes === 0 ? undefined : Math.min(1, readBytes / totalBytes)
  const rate = seconds > 0 ? records / seconds : 0
  const parts = [
    ...(share === undefined
      ? []
      : [
          `${'█'.repeat(Math.round(share * BAR_CELLS)).padEnd(BAR_CELLS, '░')} ${Math.floor(share * 100)} %`,
          `${formatBytes(readBytes)} of ${formatBytes(totalBytes)}`,
        ]),
    `${formatCount(records, 'record')}, ${formatCount(Math.round(rate), '')}/s`,
    formatCount(requests, 'request'),
    ...(retries === 0 ? [] : [retries === 1 ? '1 retry' : `${retries} retries`]),
    ...(share === undefined || share === 0 || share === 1
      ? []
      : [`ETA ${Math.ceil((seconds * (1 - share)) / share)} s`]),
  ]
  return parts.join(' · ')
}
