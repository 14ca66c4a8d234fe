import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { codeUnions } from './code-unions.ts'
import { ROOT } from './repository.ts'

const unions = codeUnions()
const pages = [...new Set(unions.map(({ page }) => page))]

interface Entry {
  readonly code: string
  readonly cause: string
  readonly remedy: string
}

/** The rows of the tables of a page that have the columns code, cause and remedy. */
function entriesOf(page: string): readonly Entry[] {
  const tables = readFileSync(join(ROOT, page), 'utf8').split('\n\n')
  return tables
    .filter((table) => /^\| code +\| cause +\| remedy +\|\n/.test(table))
    .flatMap((table) => table.trim().split('\n').slice(2))
    .map((row) => {
      const [code = '', cause = '', remedy = ''] = row.slice(1, -1).split(/(?<!\\)\|/)
      return { code: code.trim().replaceAll('`', ''), cause: cause.trim(), remedy: remedy.trim() }
    })
}

test('the compiler finds the codes', () => {
  expect(unions.map(({ name, codes }) => [name, codes.length > 4])).toEqual([
    ['AzlogsErrorCode', true],
    ['ErrorCode', true],
    ['SchemaProblemCode', true],
    ['KqlErrorCode', true],
  ])
})

test.each(pages)('%s has an entry for each code, and for no other', (page) => {
  const codes = new Set(unions.filter((union) => union.page === page).flatMap((union) => union.codes))
  expect(
    entriesOf(page)
      .map(({ code }) => code)
      .toSorted(),
  ).toEqual([...codes].toSorted())
})

test.each(pages)('each entry of %s has a cause and a remedy', (page) => {
  expect(entriesOf(page).filter(({ cause, remedy }) => cause === '' || remedy === '')).toEqual([])
})
