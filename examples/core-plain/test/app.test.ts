import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

import { startEmulator } from '@azlogs/emulator'
import { expect, onTestFinished, test } from 'vitest'

import { startApplication } from '../../application.ts'

const script = fileURLToPath(new URL('../app.ts', import.meta.url))

async function fileWith(content: string | Uint8Array): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'azlogs-core-plain-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const file = join(directory, 'import.log')
  await writeFile(file, content)
  return file
}

test('the records of a gzipped NDJSON file and those of the script itself are in the table', async ({
  signal,
}) => {
  const lines = Array.from({ length: 5000 }, (_, index) =>
    JSON.stringify({
      TimeGenerated: new Date().toISOString(),
      Logger: 'file',
      RecordId: `file-${index}`,
      Message: 'x'.repeat(300),
    }),
  )
  const file = await fileWith(gzipSync(lines.join('\n')))
  await using emulator = await startEmulator()
  await using application = startApplication(script, { arguments: [file], env: emulator.env, signal })
  await application.exited()

  await application.line(/^uploaded 5000 records in \d+ requests$/)
  const [, logged] = await application.line(/^logged (\d+)$/)
  const rows = emulator.rows()
  const fromFile = rows.filter((row) => row['Logger'] === 'file')
  expect(new Set(fromFile.map((row) => row['RecordId'])).size).toBe(5000)
  expect(fromFile).toHaveLength(5000)
  const own = rows.filter((row) => row['Logger'] === 'core-plain')
  expect(own).toHaveLength(Number(logged))
  expect(own.at(-1)).toMatchObject({
    Level: 'info',
    Message: 'upload finished',
    Properties: { acceptedCount: 5000, failedCount: 0 },
  })
  emulator.assertNothingDropped()
})

test('a line that is no JSON fails the script, and the table says so', async ({ signal }) => {
  const file = await fileWith('{"Message":"one"}\n{"Message":\n')
  await using emulator = await startEmulator()
  await using application = startApplication(script, { arguments: [file], env: emulator.env, signal })

  await expect(application.exited()).rejects.toThrow(/line 2/i)
  const own = emulator.rows().filter((row) => row['Logger'] === 'core-plain')
  expect(own.at(-1)).toMatchObject({
    Level: 'error',
    Message: 'upload failed',
    ErrorMessage: expect.stringMatching(/line 2/i),
  })
})
