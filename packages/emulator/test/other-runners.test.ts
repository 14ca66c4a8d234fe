import { expect as jestExpect } from 'expect'
import { expect, onTestFinished, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import { matchers } from '../src/testing.ts'
import type { IngestedOptions, RowPattern } from '../src/testing.ts'
import { finish, spawnNode } from './run-node.ts'
import { upload } from './upload.ts'

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> {
    toHaveIngested(pattern: RowPattern, options?: IngestedOptions): Promise<void>
  }
}

test('the functions work under node:test', async () => {
  const child = spawnNode(new URL('fixtures/other-runner.ts', import.meta.url), ['--test-reporter=tap'])
  const { code, stdout, stderr } = await finish(child)
  expect(stderr).toBe('')
  expect(stdout).toContain('it is there')
  expect(stdout).toMatch(/expected a row like .*from elsewhere/)
  expect(code).toBe(1)
})

test('the matchers extend the expect of jest', async () => {
  const emulator = await startEmulator({ https: false })
  onTestFinished(() => emulator.close())
  jestExpect.extend({ ...matchers })
  await upload(emulator, [{ Message: 'from jest', ProcessId: 3 }])
  await jestExpect(emulator).toHaveIngested({ Message: jestExpect.stringContaining('jest') }, { times: 1 })
  await jestExpect(emulator).not.toHaveIngested({ Message: 'other' })
  await expect(jestExpect(emulator).toHaveIngested({ ProcessId: 4 }, { within: 0 })).rejects.toThrow(
    '- ProcessId: 4\n    + ProcessId: 3',
  )
})
