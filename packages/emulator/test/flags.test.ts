import { expect, test } from 'vitest'

import { readFlags } from '../src/flags.ts'

test('without flags the ports are fixed, so that pasted variables stay right', () => {
  expect(readFlags([])).toEqual({
    kind: 'run',
    port: 4319,
    httpsPort: 4320,
    mode: 'azure',
    json: false,
    quiet: false,
  })
})

test('every flag is read', () => {
  const argv = '--port 0 --https-port=65535 --schema s.json --mode strict --db rows.db --json --quiet'.split(
    ' ',
  )
  expect(readFlags(argv)).toEqual({
    kind: 'run',
    port: 0,
    httpsPort: 65_535,
    mode: 'strict',
    schemaFile: 's.json',
    database: 'rows.db',
    json: true,
    quiet: true,
  })
})

test.each([
  ['--port', 'x'],
  ['--port', '65536'],
  ['--https-port', '-1'],
  ['--mode', 'lenient'],
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
