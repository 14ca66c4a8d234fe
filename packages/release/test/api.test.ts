import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { reportApi } from '../src/api-report.ts'
import { folderOf, PUBLISHED, sourceManifest } from '../src/published.ts'
import { NOT_PUBLIC, publicEntries } from '../src/public-entries.ts'

const FOLDER = fileURLToPath(new URL('../api', import.meta.url))

const entries = await publicEntries()

test.each(entries)(
  'the declarations of $specifier are what was agreed on: if they are to change, run «pnpm api:update» and look at the difference',
  async (entry) => {
    expect(await reportApi(entry)).toBe(readFileSync(join(FOLDER, entry.report), 'utf8'))
  },
  120_000,
)

test('there is a report for each public entry point, and no other', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(entries.map(({ report }) => report).sort())
})

test('an entry point that is not public says so where it begins', async () => {
  const specifiers: string[] = []
  for (const published of PUBLISHED) {
    const { name, exports } = await sourceManifest(published)
    for (const [path, target] of Object.entries(exports as Record<string, { readonly dev?: string }>)) {
      const specifier = path.replace('.', name)
      if (!NOT_PUBLIC.has(specifier) || target.dev === undefined) continue
      specifiers.push(specifier)
      const source = readFileSync(join(folderOf(published), target.dev), 'utf8').replaceAll(/\s+\*?\s*/g, ' ')
      expect(source).toContain(`\`${specifier}\``)
      expect(source).toContain('No part of the public interface: it may change')
    }
  }
  expect(specifiers.sort()).toEqual([...NOT_PUBLIC].sort())
})

test('no public declaration needs an entry point that is not public', () => {
  const needed = entries.flatMap(({ report }) =>
    [...readFileSync(join(FOLDER, report), 'utf8').matchAll(/from '(@azlogs\/[^']+)'/g)].map(
      ([, from]) => from,
    ),
  )
  expect(needed.filter((from) => from !== undefined && NOT_PUBLIC.has(from))).toEqual([])
})
