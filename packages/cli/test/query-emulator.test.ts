import { expect, test, vi } from 'vitest'

import { runCli } from './run-cli.ts'
import { emulatorForTest } from './surroundings.ts'

// Each test starts processes, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 })

test('the emulator answers through the official client, with every digit of a time and of a number', async () => {
  const emulator = await emulatorForTest({
    https: false,
    schema: {
      table: 'Orders_CL',
      stream: 'Custom-Orders_CL',
      columns: [
        { name: 'TimeGenerated', type: 'datetime' },
        { name: 'Level', type: 'string' },
        { name: 'Total', type: 'long' },
        { name: 'Cart', type: 'dynamic' },
      ],
    },
  })
  const now = new Date()
  const time = `${now.toISOString().slice(0, -1)}4567Z`
  const lines = [
    `{"TimeGenerated":"${time}","Level":"info","Total":9007199254740993,"Cart":{"items":2}}`,
    `{"TimeGenerated":"${time}","Level":"error","Total":1}`,
  ]
  const sent = await runCli(['send', '-', '--map', 'none'], { env: emulator.env, input: lines.join('\n') })
  expect(sent.code).toBe(0)

  const table = await runCli(
    ['query', 'Orders_CL | where Level == "info" | project TimeGenerated, Total, Cart'],
    {
      env: emulator.env,
    },
  )
  expect(table).toMatchObject({ code: 0, stderr: '1 row of the last 24h\n' })
  expect(table.stdout).toContain(time)
  expect(table.stdout).toContain('9007199254740993')

  const json = await runCli(
    ['query', 'Orders_CL | summarize count() by Level | order by Level asc', '--json'],
    {
      env: emulator.env,
    },
  )
  expect(JSON.parse(json.stdout)).toMatchObject({
    rows: [
      { Level: 'error', count_: 1 },
      { Level: 'info', count_: 1 },
    ],
  })
})

test('a query that the emulator cannot read is refused with what it says', async () => {
  const emulator = await emulatorForTest({ https: false })
  const ran = await runCli(['query', 'AppLogs_CL | where Levle == "info"'], { env: emulator.env })
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain('error AZL6002 The query is refused:')
  expect(ran.stderr).toContain('Levle')
})

test('an emulator that is not there is told, with how to start it', async () => {
  const emulator = await emulatorForTest({ https: false })
  await emulator.close()
  const ran = await runCli(['query', 'AppLogs_CL', '--credential', 'managed-identity'], { env: emulator.env })
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain('error AZL6004')
  expect(ran.stderr).toContain('azlogs dev')
})
