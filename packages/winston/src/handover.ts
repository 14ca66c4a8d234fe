/** What of thread-stream's stream is used here. */
export interface LineStream {
  readonly destroyed: boolean
  /** False when its own memory is full: `drain` comes when there is room again. */
  write(text: string): boolean
  on(event: 'ready' | 'drain', listener: () => void): unknown
}

/**
 * The way of lines to a worker: many at a time, because waking the other thread costs more than a line does.
 * thread-stream takes any number of them and has no bound; here they wait within one. Before the worker has started they
 * wait where they can be taken back.
 */
export interface Handover {
  /** Takes a line, its line break included; false when there is no room for it. */
  put(line: string): boolean
  /** Waits for no more lines. */
  hurry(): void
  /** Gives everything to the stream, ready or not: for an end that waits for nothing. */
  rush(): void
  /** The lines that have not been given to the stream: they are no longer counted. */
  takeBack(): readonly string[]
  /** Lines put so far. */
  readonly lines: number
}

/** So many units of text are given at once … */
const CHUNK_LENGTH = 131_072

/** … or what has come in this time, in milliseconds: little beside `flushIntervalMs`. */
const CHUNK_MS = 50

/** @param maxLength bound of what waits, in UTF-16 units: bytes, for ASCII */
export function createHandover(stream: LineStream, maxLength: number): Handover {
  let open = false
  let waiting = ''
  let lines = 0
  let timer: NodeJS.Timeout | undefined

  stream.on('ready', reopen)
  stream.on('drain', reopen)

  function reopen(): void {
    open = true
    pour()
  }

  function pour(): void {
    if (open && !stream.destroyed) give()
  }

  function give(): void {
    const text = take()
    if (text !== '') open = stream.write(text)
  }

  function take(): string {
    clearTimeout(timer)
    timer = undefined
    const text = waiting
    waiting = ''
    return text
  }

  return {
    put(line) {
      if (waiting.length >= maxLength) return false
      waiting += line
      lines += 1
      if (waiting.length >= CHUNK_LENGTH) pour()
      else timer ??= setTimeout(pour, CHUNK_MS).unref()
      return true
    },
    hurry: pour,
    rush: give,
    takeBack() {
      const back = take().split('\n').slice(0, -1)
      lines -= back.length
      return back
    },
    get lines() {
      return lines
    },
  }
}
