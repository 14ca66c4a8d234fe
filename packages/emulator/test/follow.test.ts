import { expect, onTestFinished, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { Emulator } from '../src/index.ts'
import { upload } from './upload.ts'

async function start(): Promise<Emulator> {
  const emulator = await startEmulator({ https: false })
  onTestFinished(() => emulator.close())
  return emulator
}

/** The messages of the next rows, as many as are asked for. */
function messagesOf(followed: AsyncIterable<readonly Readonly<Record<string, unknown>>[]>) {
  const chunks = followed[Symbol.asyncIterator]()
  const seen: unknown[] = []
  return async (count: number): Promise<readonly unknown[]> => {
    while (seen.length < count) {
      const { done, value } = await chunks.next()
      if (done === true) throw new Error(`it ended after ${JSON.stringify(seen)}`)
      seen.push(...value.map((row) => row['Message']))
    }
    return seen.splice(0, count)
  }
}

test('it gives the rows that come after the call, in order', async () => {
  const emulator = await start()
  await upload(emulator, [{ Message: 'before' }])
  const next = messagesOf(emulator.follow())
  await upload(emulator, [{ Message: 'a' }, { Message: 'b' }])
  expect(await next(2)).toEqual(['a', 'b'])
  const later = next(1)
  await upload(emulator, [{ Message: 'c' }])
  expect(await later).toEqual(['c'])
})

test('more rows than it reads at once come all the same', async () => {
  const emulator = await start()
  const next = messagesOf(emulator.follow())
  const messages = Array.from({ length: 1_234 }, (_, index) => `row ${index}`)
  await upload(
    emulator,
    messages.map((Message) => ({ Message })),
  )
  expect(await next(1_234)).toEqual(messages)
})

test('it goes on after clear()', async () => {
  const emulator = await start()
  const next = messagesOf(emulator.follow())
  await upload(emulator, [{ Message: 'a' }, { Message: 'b' }])
  expect(await next(2)).toEqual(['a', 'b'])
  emulator.clear()
  await upload(emulator, [{ Message: 'c' }])
  expect(await next(1)).toEqual(['c'])
})

test('it ends when its signal is aborted, before and while it waits', async () => {
  const emulator = await start()
  const leaving = new AbortController()
  const waiting = messagesOf(emulator.follow(undefined, { signal: leaving.signal }))(1)
  const failed = expect(waiting).rejects.toThrow('it ended after []')
  leaving.abort()
  await failed
  await expect(messagesOf(emulator.follow(undefined, { signal: leaving.signal }))(1)).rejects.toThrow(
    'it ended after []',
  )
})

test('it ends with the emulator', async () => {
  const emulator = await start()
  const waiting = messagesOf(emulator.follow())(1)
  const failed = expect(waiting).rejects.toThrow('it ended after []')
  await emulator.close()
  await failed
})

test('an unknown table is refused at once', async () => {
  const emulator = await start()
  expect(() => emulator.follow('Other_CL')).toThrow('Other_CL')
})
