import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { expect, test } from 'vitest'

import { createFrameParser } from '../src/spool-frame.ts'

test('a gibibyte without a newline is never held', () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const held = (): number => {
    collectGarbage()
    return process.memoryUsage().arrayBuffers
  }
  const parser = createFrameParser({
    frame: () => expect.unreachable(),
    damaged: () => expect.unreachable(),
  })
  const before = held()
  let most = 0
  for (let chunk = 1; chunk <= 1024; chunk += 1) {
    parser.push(Buffer.allocUnsafeSlow(1_048_576).fill(0x7b))
    if (chunk % 32 === 0) most = Math.max(most, held() - before)
  }
  expect(parser.end()).toEqual({ tornBytes: 1_073_741_824 })
  // The most that a line may have, and what was let go of but not swept up yet.
  expect(most).toBeGreaterThan(10_000_000)
  expect(most).toBeLessThan(300_000_000)
})
