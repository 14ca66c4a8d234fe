import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { defaultSchema } from '@azlogs/emulator'
import { expect, test } from 'vitest'

import { findLock } from '../src/find-lock.ts'
import { columnPaths, createLock, formatLock, isLock, parseLock } from '../src/schema/lock.ts'
import type { LockColumn } from '../src/schema/lock.ts'
import { directoryForTest } from './surroundings.ts'

const LOCK = createLock('AppLogs_CL', defaultSchema.columns as readonly LockColumn[], 'Analytics', 'logs-dcr')
const TIME = { name: 'TimeGenerated', type: 'datetime' }

test('a lock reads back as it was written', () => {
  const read = parseLock(formatLock(LOCK))
  expect(isLock(read) && read).toEqual(LOCK)
  expect(columnPaths(undefined)).toEqual({})
})

test.each<[changes: object, problem: string]>([
  [{ version: 2 }, '"version" is 2; this azlogs reads version 1'],
  [{ table: 'App Logs' }, '"App Logs" is no name for a custom table'],
  [{ stream: 'AppLogs' }, '"stream" is "AppLogs"; it begins with "Custom-"'],
  [{ stream: 5 }, '"stream" is 5; it begins with "Custom-"'],
  [{ plan: 'Free' }, '"plan" is "Free"; known plans: Analytics, Basic, Auxiliary'],
  [{ ruleName: 'x' }, '"ruleName" is "x"; it has 3 to 30 letters, digits and hyphens'],
  [{ ruleName: 7 }, '"ruleName" is 7; it has 3 to 30 letters, digits and hyphens'],
  [{ columns: {} }, '"columns" must be an array of { name, type }'],
  [{ columns: [TIME, null] }, 'column 2 has no name'],
  [{ columns: [TIME, { name: '9lives', type: 'int' }] }, '"9lives" cannot be a column'],
  [{ columns: [TIME, { name: 'TenantId', type: 'string' }] }, 'TenantId is reserved by Azure'],
  [{ columns: [TIME, { name: 'timegenerated', type: 'datetime' }] }, 'column timegenerated is there twice'],
  [{ columns: [TIME, { name: 'Odd', type: 'guid' }] }, 'column Odd has the type "guid"; known types: string'],
  [{ columns: [TIME, { name: 'Odd' }] }, 'column Odd has the type undefined; known types'],
  [{ columns: [] }, 'every table needs the column TimeGenerated of type datetime'],
  [
    { columns: [TIME, ...Array.from({ length: 500 }, (_, index) => ({ name: `C${index}x`, type: 'int' }))] },
    '501 columns; a table holds 500',
  ],
])('of a schema file with %j the one problem is told', (changes, problem) => {
  const read = parseLock(JSON.stringify({ ...LOCK, ...changes }))
  expect(read).toEqual([expect.stringContaining(problem)])
})

test.each([
  ['{', 'it is no JSON'],
  ['5', 'it is no object'],
  ['null', 'it is no object'],
])('%j is no schema file: %s', (text, problem) => {
  expect(parseLock(text)).toEqual([expect.stringContaining(problem)])
})

test('a schema file that is named has to be there', async () => {
  const path = join(await directoryForTest(), 'own.json')
  await expect(findLock(path)).rejects.toMatchObject({ code: 'AZL1002' })
  writeFileSync(path, '{}')
  await expect(findLock(path)).rejects.toMatchObject({ code: 'AZL1004' })
  writeFileSync(path, formatLock(LOCK))
  expect(await findLock(path)).toEqual(LOCK)
})
