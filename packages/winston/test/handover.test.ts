import { EventEmitter } from 'node:events'

import { expect, test } from 'vitest'

import { createHandover } from '../src/handover.ts'

/** Takes text until it holds `room` units, and says so, as thread-stream does. */
class Stream extends EventEmitter {
  destroyed = false
  text = ''
  private readonly room: number

  constructor(room: number) {
    super()
    this.room = room
  }

  write(text: string): boolean {
    this.text += text
    return this.text.length < this.room
  }
}

const line = (n: number): string => `{"n":${n}}\n`
const linesOf = (text: string): readonly string[] => text.split('\n').slice(0, -1)

test('nothing is given before the stream is ready, and it can be taken back', () => {
  const stream = new Stream(1000)
  const handover = createHandover(stream, 1000)
  handover.put(line(1))
  handover.put(line(2))
  handover.hurry()
  expect(stream.text).toBe('')
  expect(handover.takeBack()).toEqual(['{"n":1}', '{"n":2}'])
  expect(handover.lines).toBe(0)
  stream.emit('ready')
  expect(stream.text).toBe('')
})

test('lines go together, without a call when they have waited for a moment', async () => {
  const stream = new Stream(1000)
  const handover = createHandover(stream, 1000)
  stream.emit('ready')
  handover.put(line(1))
  handover.put(line(2))
  expect(stream.text).toBe('')
  await expect.poll(() => stream.text).toBe(line(1) + line(2))
})

test('a stream that is full is given nothing until it drains, and every line comes once, in order', () => {
  const stream = new Stream(300_000)
  const handover = createHandover(stream, 10_000_000)
  stream.emit('ready')
  for (let n = 0; n < 100_000; n += 1) expect(handover.put(line(n))).toBe(true)
  const first = stream.text.length
  expect(first).toBeGreaterThan(300_000)
  expect(first).toBeLessThan(500_000)
  stream.emit('drain')
  expect(linesOf(stream.text)).toEqual(Array.from({ length: 100_000 }, (_, n) => `{"n":${n}}`))
  expect(handover.lines).toBe(100_000)
})

test('what waits has a bound, and a line beyond it is not taken', () => {
  const stream = new Stream(1000)
  const handover = createHandover(stream, 24)
  const taken = [1, 2, 3, 4, 5].filter((n) => handover.put(line(n)))
  expect(taken).toEqual([1, 2, 3])
  expect(handover.lines).toBe(3)
  handover.rush()
  expect(stream.text).toBe(line(1) + line(2) + line(3))
  expect(handover.put(line(4))).toBe(true)
})
