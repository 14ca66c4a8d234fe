import { expect, test } from 'vitest'

import { UsageError, parseOptions } from '../src/options.ts'
import type { Options } from '../src/options.ts'

function parse(...arguments_: readonly string[]): Options {
  return parseOptions(arguments_, ['upload', 'winston'])
}

test('without arguments, all of them run with the full load', () => {
  expect(parse()).toEqual({
    action: 'run',
    names: ['upload', 'winston'],
    rounds: 5,
    scale: 1,
    quick: false,
    out: 'results.json',
    profiles: undefined,
  })
})

test('a quick run is small, and takes what is asked for all the same', () => {
  expect(parse('--quick')).toMatchObject({ rounds: 2, scale: 0.1, quick: true })
  expect(parse('--quick', '--scale', 'tiny', '--rounds', '1')).toMatchObject({ rounds: 1, scale: 0.005 })
})

test('arguments come from pnpm with or without its --', () => {
  expect(parse('--', 'winston', '--rounds', '3')).toMatchObject({ names: ['winston'], rounds: 3 })
})

test('results are compared and drawn', () => {
  expect(parse('--compare', 'a.json', 'b.json')).toEqual({
    action: 'compare',
    base: 'a.json',
    head: 'b.json',
  })
  expect(parse('--chart', 'a.svg')).toEqual({ action: 'chart', results: 'results.json', chart: 'a.svg' })
  expect(parse('--chart', 'a.svg', 'b.json')).toMatchObject({ results: 'b.json' })
})

test.each([
  [['winstone'], /There is no bench winstone\. There are upload, winston/],
  [['--rounds', 'many'], /--rounds many: it takes a whole number of 1 or more/],
  [['--rounds', '0'], /--rounds 0:/],
  [['--rounds', '1.5'], /--rounds 1\.5:/],
  [['--scale', '2'], /--scale 2: it takes a number above 0, 1 at most/],
  [['--scale', 'small'], /--scale small:/],
  [['--fast'], /'--fast'/],
  [['--compare', 'base.json'], /--compare takes two files of results, and there are 1/],
  [['--chart', 'a.svg', 'b.json', 'c.json'], /here is another: c\.json/],
])('%j is refused with what is wrong', (arguments_, message) => {
  expect(() => parse(...arguments_)).toThrow(UsageError)
  expect(() => parse(...arguments_)).toThrow(message)
})
