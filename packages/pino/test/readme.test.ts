import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { startEmulator } from '@azlogs/emulator'
import { expect, test } from 'vitest'

const examples = Array.from(
  readFileSync(new URL('../README.md', import.meta.url), 'utf8').matchAll(/```js\n([^]*?)```/g),
  ([, code = '']) => code,
)

test.each([
  ['plain', 0, ['order placed', 'payment failed']],
  ['full', 1, ['hello']],
  ['in-process', 2, ['hello']],
] as const)(
  'the README’s example of the %s way runs as it is, and delivers',
  async (_way, index, messages) => {
    await using emulator = await startEmulator({ https: false })
    const { stderr } = await promisify(execFile)(
      process.execPath,
      ['--conditions=dev', '--input-type=module', '--eval', examples[index] ?? ''],
      {
        cwd: fileURLToPath(new URL('..', import.meta.url)),
        env: { PATH: process.env['PATH'], ...emulator.env },
      },
    )
    expect(stderr).toBe('')
    expect(emulator.rows().map((row) => row['Message'])).toEqual(messages)
  },
)
