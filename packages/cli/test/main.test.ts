import { readFile } from 'node:fs/promises'

import { expect, test, vi } from 'vitest'

import { ERROR_CODES } from '../src/error-code.ts'
import { runCli } from './run-cli.ts'

// Each test starts processes, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 })

test('--help lists the commands, and so does no argument at all', async () => {
  const [help, bare] = await Promise.all([runCli(['--help']), runCli([])])
  expect(help).toMatchObject({ code: 0, stderr: '' })
  expect(help.stdout).toContain('doctor')
  expect(bare).toEqual(help)
})

test('a command’s --help names its flags, without colours where nobody sees them', async () => {
  const { code, stdout } = await runCli(['doctor', '--help'])
  expect(code).toBe(0)
  expect(stdout).toContain('--endpoint=<url>')
  expect(stdout).toContain('--json')
  expect(stdout).not.toContain('\u001B')
})

test('--version prints the version of the package', async () => {
  expect((await runCli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/)
})

test.for([
  [['doctr'], 'error AZL1001 "doctr" is no command of azlogs.\n  → Did you mean doctor?\n'],
  [
    ['--frobnicate'],
    'error AZL1001 azlogs takes a command first, not "--frobnicate".\n  → See azlogs --help.\n',
  ],
  [['doctor', '--frobnicate'], "Unknown option '--frobnicate'"],
  [['doctor', '--endpoint'], "Option '--endpoint <value>' argument missing"],
  [['doctor', 'surplus'], 'unexpected argument "surplus"'],
  [['doctor', '--credential', 'password'], '--credential is "password".\n  → Give one of default, azure-cli'],
  [['doctor', '--dotenv', '/nowhere/.env'], 'error AZL1002 /nowhere/.env: there is no such file'],
] as const)('%j is asked wrongly: exit code 2, a code and a remedy on stderr', async ([args, expected]) => {
  const { code, stdout, stderr } = await runCli(args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(expected)
  expect(stderr).toMatch(/^error AZL1\d{3} /)
})

test('with --json a failure is one JSON document on stdout', async () => {
  const { code, stdout, stderr } = await runCli(['doctor', '--json', '--frobnicate'])
  expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
  expect(JSON.parse(stdout)).toEqual({
    error: {
      code: 'AZL1001',
      message: "azlogs doctor: Unknown option '--frobnicate'.",
      remedy: 'See azlogs doctor --help.',
    },
  })
})

test('the README lists every error code with its meaning', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const listed = Array.from(readme.matchAll(/^\| (AZL\d{4}) +\| (.*?) +\|$/gm), ([, code, meaning]) => [
    code,
    meaning,
  ])
  expect(Object.fromEntries(listed)).toEqual(ERROR_CODES)
})
