import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { ROOT } from './repository.ts'

test('every export has a docstring, and every link in them leads somewhere', async () => {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [join(ROOT, 'docs/node_modules/typedoc/bin/typedoc'), '--emit', 'none'],
    { cwd: join(ROOT, 'docs'), env: { PATH: process.env['PATH'], NO_COLOR: '1' } },
  )
  expect(stdout + stderr).toBe('')
})
