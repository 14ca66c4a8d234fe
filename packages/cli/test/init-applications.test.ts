import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { startEmulator } from '@azlogs/emulator'
import type { TableSchema } from '@azlogs/emulator'
import { expect, onTestFinished, test } from 'vitest'

import { environment, runCli } from './run-cli.ts'
import { directoryForTest } from './surroundings.ts'

const run = promisify(execFile)

/** Each logs to stdout, or with AZLOGS_GENERATED set to the emulator through the options in that file. */
const applications = [
  { name: 'pino', columns: ['OrderId', 'AmountEur', 'CustomerTier', 'Items', 'DurationMs', 'StartedAt'] },
  { name: 'winston', columns: ['OrderId', 'AmountEur', 'CustomerTier', 'Attempt', 'DurationMs'] },
  { name: 'fastify', columns: ['ReqId', 'ReqMethod', 'ReqUrl', 'ResStatusCode', 'ResponseTime', 'OrderId'] },
  { name: 'express-pino', columns: ['ReqMethod', 'ReqUrl', 'ResStatusCode', 'ResponseTime', 'OrderId'] },
  { name: 'express-morgan', columns: ['Method', 'Url', 'Status', 'ResponseTime'] },
  { name: 'nest-pino', columns: ['Context', 'ReqMethod', 'ReqUrl', 'ResStatusCode', 'ResponseTime'] },
  { name: 'nest-winston', columns: ['Context', 'Ms'] },
] as const

test.for(applications)(
  'the lines of $name become a schema under which nothing of it is dropped',
  { timeout: 120_000 },
  async ({ name, columns }) => {
    const folder = await directoryForTest()
    const lines = await runApplication(name)

    const init = await runCli(['init', '--yes', '--out', folder], { input: lines })
    expect(init, init.stderr).toMatchObject({ code: 0 })

    const schema = JSON.parse(await readFile(join(folder, 'azlogs.schema.json'), 'utf8')) as TableSchema
    expect(schema.columns.map((column) => column.name)).toEqual(expect.arrayContaining([...columns]))

    const emulator = await startEmulator({ schema, mode: 'strict', https: false })
    onTestFinished(() => emulator.close())
    await runApplication(name, { ...emulator.env, AZLOGS_GENERATED: join(folder, 'azlogs.generated.ts') })

    const expected = lines.trim().split('\n').length
    const rows = await emulator.waitForRows(expected, { timeoutMs: 60_000 })
    emulator.assertNothingDropped()
    expect(rows).toHaveLength(expected)
    for (const column of columns) {
      const values = rows.map((row) => row[column]).filter((value) => value !== null && value !== '')
      expect(values, `values in ${column}`).not.toHaveLength(0)
    }
  },
)

async function runApplication(name: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const file = new URL(`fixtures/${name}-app.ts`, import.meta.url).pathname
  const { stdout } = await run(process.execPath, ['--conditions=dev', file], {
    env: environment(env),
    timeout: 100_000,
  })
  return stdout
}
