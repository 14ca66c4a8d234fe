import { describe, expect, test } from 'vitest'

import { linkProblem, linksOf } from './link.ts'
import { pagesOf } from './repository.ts'

test.each(pagesOf('**/*.md'))('every link of %s within the repository leads somewhere', (page) => {
  expect(linksOf(page).map(linkProblem).filter(Boolean)).toEqual([])
})

test('every page of the documentation is reached from its index', () => {
  const reached = new Set<string>()
  const next = ['docs/README.md']
  for (const page of next) {
    if (reached.has(page) || !page.startsWith('docs/') || !page.endsWith('.md')) continue
    reached.add(page)
    next.push(...linksOf(page).map(({ file }) => file))
  }
  expect([...reached].toSorted()).toEqual(pagesOf('docs/**/*.md'))
})

describe('a link that leads nowhere is told with its page and line', () => {
  const link = { page: 'docs/README.md', line: 7, url: 'nowhere', file: 'docs/README.md', anchor: undefined }

  test('no such file', () => {
    expect(linkProblem({ ...link, file: 'docs/nowhere.md' })).toBe(
      'docs/README.md:7: nowhere: there is no docs/nowhere.md',
    )
  })

  test('no such heading', () => {
    expect(linkProblem({ ...link, anchor: 'nowhere' })).toContain('has no heading #nowhere')
  })
})
