import { PassThrough } from 'node:stream'

import { expect, test, vi } from 'vitest'

import { createProgress } from '../src/send/progress.ts'

/** A terminal of so many columns, and what has been written to it. */
function terminal(columns: number): { readonly stream: NodeJS.WriteStream; readonly text: () => string } {
  let written = ''
  const stream = new PassThrough().on('data', (chunk: Buffer) => (written += chunk.toString()))
  return { stream: Object.assign(stream, { isTTY: true, columns }) as never, text: () => written }
}

const STATE = { readBytes: 50_000, totalBytes: 100_000, records: 10, requests: 1, retries: 0 }

test('the bar shows how far it is, and how long the rest takes', () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(1000)
  const { stream, text } = terminal(200)
  const progress = createProgress(stream, true)
  clock.mockReturnValue(3000)
  progress.show({ ...STATE, retries: 1 })
  expect(text()).toMatch(
    /█{12}░{12} 50 % · 50\.0 kB of 100\.0 kB · 10 records, 5\/s · 1 request · 1 retry · ETA 2 s$/,
  )
  clock.mockReturnValue(3050)
  progress.show(STATE)
  expect(text().split('\r')).toHaveLength(2)
  clock.mockReturnValue(3200)
  progress.show(STATE)
  expect(text().split('\r')).toHaveLength(3)
  progress.clear()
  expect(text().endsWith('\r\u001B[K')).toBe(true)
})

test.each([
  [{ ...STATE, totalBytes: 0, retries: 2 }, /\[K10 records, [\d,]+\/s · 1 request · 2 retries$/],
  [{ ...STATE, readBytes: 0 }, / 0 % · 0 B of 100\.0 kB · 10 records, [\d,]+\/s · 1 request$/],
  [{ ...STATE, readBytes: 200_000 }, / 100 % · .* · 1 request$/],
])('%j is a line of its own', (state, line) => {
  const { stream, text } = terminal(200)
  createProgress(stream, true).show(state)
  expect(text()).toMatch(line)
})

test('a line is never wider than its terminal, and there is none where nobody looks', () => {
  const narrow = terminal(20)
  createProgress(narrow.stream, true).show(STATE)
  expect(narrow.text().replace('\r\u001B[K', '')).toHaveLength(19)
  const quiet = terminal(200)
  const progress = createProgress(quiet.stream, false)
  progress.show(STATE)
  progress.clear()
  const untouched = terminal(200)
  createProgress(untouched.stream, true).clear()
  expect(quiet.text()).toBe('')
})
