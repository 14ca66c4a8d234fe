import { onTestFinished } from 'vitest'

import type { Emulator } from '../src/index.ts'
import type { TailEvents } from '../src/viewer-protocol.ts'

export interface TailEvent {
  readonly name: keyof TailEvents
  readonly id: string
  readonly data: unknown
}

export interface OpenTail {
  /** Resolves with everything that came, once the last event fulfils the condition. */
  readonly until: (condition: (event: TailEvent) => boolean) => Promise<readonly TailEvent[]>
  readonly close: () => void
}

/** Reads the tail as a browser does; closed when the test ends. */
export async function openTail(emulator: Emulator, query = '', lastEventId?: string): Promise<OpenTail> {
  const closing = new AbortController()
  onTestFinished(() => closing.abort())
  const response = await fetch(`${emulator.url}/viewer/api/tail${query}`, {
    signal: closing.signal,
    headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
  })
  const events = readEvents(response)
  return {
    async until(condition) {
      const seen: TailEvent[] = []
      for (;;) {
        const { value, done } = await events.next()
        if (done === true) throw new Error(`the tail ended after ${JSON.stringify(seen)}`)
        seen.push(value)
        if (condition(value)) return seen
      }
    },
    close: () => closing.abort(),
  }
}

async function* readEvents(response: Response): AsyncGenerator<TailEvent, undefined> {
  let text = ''
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    text += chunk
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const lines = new Map(
        block
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      )
      const name = lines.get('event')
      if (name === undefined) continue
      yield {
        name: name as keyof TailEvents,
        id: lines.get('id') ?? '',
        data: JSON.parse(lines.get('data') ?? ''),
      }
    }
  }
  return undefined
}
