import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

const ROOT = new URL('../../../', import.meta.url)

const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8')

/** The rows of the threat model, and the proofs that they name: «file» and the test's name. */
const rows = read('SECURITY.md')
  .split('\n')
  .filter((line) => /^\| (S\d+)? /.test(line))
  .map((line) => {
    const [, number = '', , , proof = ''] = line.split('|').map((cell) => cell.trim())
    const [, file = '', name = ''] = /^`([^`]+)` «(.+)»$/.exec(proof) ?? []
    return { number, file, name }
  })

test('the threats are S1 to S20, in their order, and what is ours beside them', () => {
  const numbers = rows.map(({ number }) => number).filter((number) => number !== '')
  expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => `S${index + 1}`))
})

test.each(rows)('the proof of $number is there: $file «$name»', ({ file, name }) => {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const call = String.raw`\btest[^'\n]*(\([\s\S]{0,4000}?\)\(|\()\s*'${escaped}'`
  expect(read(`packages/${file}`)).toMatch(new RegExp(call))
})
