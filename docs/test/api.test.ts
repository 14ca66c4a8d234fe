import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test, vi } from 'vitest'

import { ROOT } from './repository.ts'

// It compiles four packages, and the machine may be busy.
vi.setConfig({ testTimeout: 180_000 })

test('every export has a docstring, and every link in them leads somewhere', async () => {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [join(ROOT, 'docs/node_modules/typedoc/bin/typedoc'), '--emit', 'none'],
    { cwd: join(ROOT, 'docs'), env: { PATH: process.env['PATH'], NO_COLOR: '1' } },
  )
  expect(stdout + stderr).toBe('')
})
