import { expect, test as plainTest } from 'vitest'
import type { TestAPI } from 'vitest'

import { startEmulator } from './emulator.ts'
import type { Emulator, EmulatorOptions } from './emulator.ts'
import { matchers } from './testing.ts'
import type { IngestedOptions, RowPattern } from './testing.ts'

export { assertIngested, assertNothingDropped } from './testing.ts'
export type { IngestedOptions, RowPattern } from './testing.ts'

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /**
     * Waits for rows that match the pattern, up to `within` milliseconds. With `.not` it looks at once, or goes on
     * looking for as long as `within` says.
     *
     * @example await expect(emulator).toHaveIngested({ Message: 'order placed' }, { times: 1 })
     */
    toHaveIngested(pattern: RowPattern, options?: IngestedOptions): Promise<void>
  }
}

expect.extend({ ...matchers })

/** `test` of vitest with a fixture `emulator`, which its hooks get too. */
export type EmulatorTest = TestAPI<
  FileFixtures & TestFixtures & { readonly $__file?: FileFixtures; readonly $__test?: TestFixtures }
>

interface FileFixtures {
  readonly emulator: Emulator
}

interface TestFixtures {
  /** Runs before every test by itself. */
  readonly clearedEmulator: void
}

/**
 * A `test` with a fixture `emulator`: started once for each test file, on free ports, cleared before every test, closed
 * after the last. The tests of a file share it, so `test.concurrent` is not for them.
 */
export function emulatorTest(options: EmulatorOptions = {}): EmulatorTest {
  return (
    plainTest
      // vitest reads the names of the fixtures that it needs from this pattern: none.
      // oxlint-disable-next-line no-empty-pattern
      .extend('emulator', { scope: 'file' }, async ({}, { onCleanup }): Promise<Emulator> => {
        const emulator = await startEmulator(options)
        onCleanup(() => emulator.close())
        return emulator
      })
      .extend('clearedEmulator', { auto: true }, ({ emulator }): void => emulator.clear())
  )
}

/** {@link emulatorTest} with the defaults of `startEmulator`. */
export const test: EmulatorTest = emulatorTest()
