import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

import { expect, test } from 'vitest'

const root = new URL('../../../', import.meta.url)

function read(path: string): Promise<string> {
  return readFile(new URL(path, root), 'utf8')
}

/** All files of ours, as the pages name them: `core/shipper.ts` for `packages/core/src/shipper.ts`. */
function knownFiles(): readonly string[] {
  const paths = globSync(
    ['packages/*/{src,test,viewer}/**', 'packages/*/*', 'docs/**', 'demo/*', 'examples/*/**', '*'],
    {
      cwd: root,
      exclude: ['**/node_modules/**', '**/dist/**'],
    },
  )
  return paths.flatMap((path) => [`/${path}`, `/${path.replace('/src/', '/')}`])
}

test.each(['ARCHITECTURE.md', 'CONTRIBUTING.md'])('every file that %s names is there', async (page) => {
  const known = knownFiles()
  const named = new Set((await read(page)).match(/(?<![\w<>/….*-])[\w./-]+\.(?:ts|md)\b/g))
  const unknown = [...named].filter((name) => !known.some((path) => path.endsWith(`/${name}`)))
  expect(named.size).toBeGreaterThan(1)
  expect(unknown).toEqual([])
})

test('the words behind «vitest run» in ARCHITECTURE.md find the tests of their row', async () => {
  const rows = (await read('ARCHITECTURE.md')).split('\n').filter((line) => line.includes('.test.ts'))
  expect(rows.length).toBeGreaterThan(10)
  const missed = rows.flatMap((row) => {
    const [, , , tests = '', command = ''] = row.split('|')
    const words = command.replaceAll('`', '').trim().split(' ')
    const paths = [...tests.matchAll(/[\w./-]+\.test\.ts/g)].map(([name]) => `packages/${name}`)
    return paths.filter((path) => !words.some((word) => path.includes(word)))
  })
  expect(missed).toEqual([])
})

test('every command of CONTRIBUTING.md is one of the repository', async () => {
  const { scripts } = JSON.parse(await read('package.json')) as { readonly scripts: object }
  const page = await read('CONTRIBUTING.md')
  const commands = Array.from(
    page.matchAll(/`(?:npx -y pnpm@[\d.]+|pnpm) ([\w:-]+)/g),
    ([, name = '']) => name,
  )
  expect(commands.length).toBeGreaterThan(8)
  for (const command of new Set(commands))
    expect([...Object.keys(scripts), 'exec', 'install']).toContain(command)
})
