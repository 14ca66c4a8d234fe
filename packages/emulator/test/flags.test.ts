import { expect, test } from 'vitest'

import { readFlags } from '../src/flags.ts'

const DEFAULTS = {
  kind: 'run',
  port: 4319,
  httpsPort: 4320,
  https: true,
  mode: 'azure',
  schemaFiles: [],
  faults: [],
  json: false,
  quiet: false,
}

test('without flags the ports are fixed, so that pasted variables stay right', () => {
  expect(readFlags([])).toEqual(DEFAULTS)
})

test('every flag is read', () => {
  const argv =
    '--port 0 --https-port=65535 --no-https --schema s.json --schema t.json --mode strict --db rows.db ' +
    '--fault 429:10% --fault hang:1% --seed 7 --throttle 1% --visible-after 1.5s --retention 256MB --json --quiet'
  expect(readFlags(argv.split(' '))).toEqual({
    kind: 'run',
    port: 0,
    httpsPort: 65_535,
    https: false,
    mode: 'strict',
    schemaFiles: ['s.json', 't.json'],
    database: 'rows.db',
    faults: ['429:10%', 'hang:1%'],
    seed: 7,
    throttle: { requests: 120, bytes: 21_474_837 },
    visibleAfterMs: 1_500,
    retention: { maxBytes: 268_435_456 },
    json: true,
    quiet: true,
  })
})

test('--retention without a unit is a number of rows', () => {
  expect(readFlags(['--retention', '5000'])).toEqual({ ...DEFAULTS, retention: { maxRows: 5000 } })
  expect(readFlags(['--retention', '2gb'])).toEqual({ ...DEFAULTS, retention: { maxBytes: 2 * 1024 ** 3 } })
})

test.each([
  ['off', false],
  ['100%', { requests: 12_000, bytes: 2_147_483_648 }],
  ['0.001%', { requests: 1, bytes: 21_475 }],
])('--throttle %s', (text, throttle) => {
  expect(readFlags(['--throttle', text])).toEqual({ ...DEFAULTS, throttle })
})

test.each([
  ['--port', 'x'],
  ['--port', '65536'],
  ['--https-port', '-1'],
  ['--mode', 'lenient'],
  ['--seed', '1.5'],
  ['--fault', '42'],
  ['--fault', 'hang:often'],
  ['--seed', '-1'],
  ['--throttle', '0%'],
  ['--throttle', '5'],
  ['--visible-after', '15'],
  ['--retention', '0'],
  ['--retention', '5kB'],
  ['--colour', 'red'],
  ['stray', 'words'],
])('%s %s is wrong', (...argv) => {
  expect(readFlags(argv)).toMatchObject({ kind: 'wrong', problems: [expect.stringContaining(argv[0] ?? '')] })
})

test('several wrong values are reported together', () => {
  expect(readFlags(['--port', 'a', '--mode', 'b'])).toMatchObject({
    problems: [/--port/, /--mode/].map((part) => expect.stringMatching(part)),
  })
})

test('help wins over what else is there', () => {
  expect(readFlags(['--help', '--port', 'x'])).toEqual({ kind: 'help' })
})
