import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'

import { expect, test } from 'vitest'

import { createDeadLetters } from '../src/dead-letter.ts'
import { AzlogsError } from '../src/errors.ts'
import { nodeFs } from '../src/spool-fs.ts'
import { temporaryDirectory } from './spool-instances.ts'

const REFUSED = new AzlogsError('AZLOGS_REJECTED', 'no', { statusCode: 400 })

test('a file that has become large is put aside, under the name that is told, and two are kept', () => {
  const spool = temporaryDirectory()
  const letters = createDeadLetters(nodeFs, spool, 'Custom-AppLogs_CL', () => 'host-1')
  const half = Array.from({ length: 17 }, (_, n) => JSON.stringify({ n, text: 'x'.repeat(1_048_576) }))
  const first = letters.add(half, REFUSED)
  expect(basename(first)).toBe('host-1.ndjson')
  const second = letters.add(half, REFUSED)
  expect(basename(second)).toBe('host-1.1.ndjson')
  expect(statSync(second).size).toBeGreaterThan(34 * 1_048_576)
  const third = letters.add(['{"n":99}'], REFUSED)
  expect(readdirSync(join(spool, 'dead-letter')).sort()).toEqual(['host-1.1.ndjson', 'host-1.ndjson'])
  expect(JSON.parse(readFileSync(third, 'utf8'))).toMatchObject({
    code: 'AZLOGS_REJECTED',
    record: { n: 99 },
  })
})
