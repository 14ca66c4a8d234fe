import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { startEmulator } from '@azlogs/emulator'
import { expect, test } from 'vitest'

test('the first example of the README runs as it is, and delivers', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const [, example = ''] = /```js\n([^]*?)```/.exec(readme) ?? []
  await using emulator = await startEmulator({ https: false })
  const { stderr } = await promisify(execFile)(
    process.execPath,
    ['--conditions=dev', '--input-type=module', '--eval', example],
    {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: { ...process.env, ...emulator.env, NODE_OPTIONS: '' },
    },
  )
  expect(stderr).toBe('')
  expect(emulator.rows()).toMatchObject([
    { Message: 'order placed', Logger: 'shop', Properties: { orderId: 912 } },
    {
      Message: 'payment failed card refused',
      ErrorStack: expect.stringContaining('TypeError: no such card'),
    },
  ])
})
