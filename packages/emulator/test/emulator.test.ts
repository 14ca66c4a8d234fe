import { connect } from 'node:net'
import { once } from 'node:events'

import { afterEach, expect, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { Emulator, EmulatorOptions } from '../src/index.ts'
import { finish, spawnNode } from './run-node.ts'
import { upload } from './upload.ts'

const running = new Set<Emulator>()

async function start(options: EmulatorOptions = { https: false }): Promise<Emulator> {
  const emulator = await startEmulator(options)
  running.add(emulator)
  return emulator
}

afterEach(async () => {
  await Promise.all([...running].map((emulator) => emulator.close()))
  running.clear()
})

test('an upload becomes rows in the declared types and in the order sent', async () => {
  const emulator = await start()
  const time = `${new Date().toISOString().slice(0, 19)}.1234567Z`
  const response = await upload(emulator, [
    { TimeGenerated: time, Message: 'first', SeverityNumber: 9, Properties: { nested: [true] } },
    { TimeGenerated: time, Message: 'second' },
  ])
  expect(response.status).toBe(204)
  const rows = await emulator.waitForRows(2)
  expect(rows.map((row) => row['Message'])).toEqual(['first', 'second'])
  expect(rows[0]).toMatchObject({ TimeGenerated: time, SeverityNumber: 9, Properties: { nested: [true] } })
  emulator.assertNothingDropped()
})

test('the variables are all that a process needs', async () => {
  const emulator = await start({})
  expect(emulator.env).toEqual({
    AZURE_DCE_ENDPOINT: emulator.url,
    AZURE_DCR_RULE_ID: emulator.ruleId,
    AZURE_DCR_STREAM_NAME: 'Custom-AppLogs_CL',
    IDENTITY_ENDPOINT: `${emulator.url}/msi/token`,
    IDENTITY_HEADER: expect.any(String),
    NODE_EXTRA_CA_CERTS: emulator.caFile,
  })
  expect(emulator.ruleId).toMatch(/^dcr-[0-9a-f]{32}$/)
  expect(emulator.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(emulator.httpsUrl).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
})

test('without https there is no certificate', async () => {
  const emulator = await start({ https: false, ruleId: 'dcr-mine' })
  expect(emulator).toMatchObject({ httpsUrl: '', caFile: '', ruleId: 'dcr-mine' })
  expect(emulator.env).not.toHaveProperty('NODE_EXTRA_CA_CERTS')
})

test('waiting for rows ends as soon as they are stored, and looks at the right table', async () => {
  const emulator = await start()
  const waiting = emulator.waitForRows(2, { table: 'AppLogs_CL' })
  await upload(emulator, [{ Message: 'a' }])
  await upload(emulator, [{ Message: 'b' }])
  expect((await waiting).map((row) => row['Message'])).toEqual(['a', 'b'])
  await expect(emulator.waitForRows(1, { table: 'Other_CL' })).rejects.toThrow(RangeError)
})

test('rows that do not come are reported with what came instead', async () => {
  const emulator = await start()
  await upload(emulator, [{ Message: 'a' }])
  await upload(emulator, '{}')
  await expect(emulator.waitForRows(2, { timeoutMs: 20 })).rejects.toThrow(
    /20 ms are over: expected 2 rows in AppLogs_CL, there are 1\n.*1 row -> AppLogs_CL[^]*no array/,
  )
})

test('waiting ends when the emulator is closed', async () => {
  const emulator = await start()
  const waiting = expect(emulator.waitForRows(1)).rejects.toThrow('closed')
  await emulator.close()
  await waiting
})

test('clear forgets everything', async () => {
  const emulator = await start()
  await upload(emulator, [{ Unknown: 1 }])
  emulator.answerNext({ status: 500 })
  emulator.answerNextToken({ status: 500 })
  emulator.clear()
  expect([emulator.rows(), emulator.verdicts(), emulator.requests(), emulator.tokenRequests()]).toEqual([
    [],
    [],
    [],
    [],
  ])
  emulator.assertNothingDropped()
  expect((await upload(emulator, [{ Message: 'new' }])).status).toBe(204)
})

test('losses are named all at once', async () => {
  const emulator = await start()
  await upload(emulator, [{ Unknown: 1 }, { Unknown: 2, ProcessId: {} }])
  expect(() => emulator.assertNothingDropped()).toThrow(
    /column "Unknown" is not in Custom-AppLogs_CL: dropped from 2 rows\n.*ProcessId.*null in 1 row$/,
  )
})

test('each verdict is handed over as it is reached', async () => {
  const seen: number[] = []
  const emulator = await start({ https: false, onVerdict: (verdict) => seen.push(verdict.status) })
  await upload(emulator, [{}])
  await upload(emulator, '')
  expect(seen).toEqual([204, 500])
})

test('closing ends open connections, delayed answers and half handshakes at once', async () => {
  const emulator = await start({})
  emulator.answerNext({ delayMs: 60_000 })
  const delayed = expect(upload(emulator, [{}])).rejects.toThrow()
  const idle = connect(Number(new URL(emulator.url).port), '127.0.0.1')
  const handshake = connect(Number(new URL(emulator.httpsUrl).port), '127.0.0.1')
  for (const socket of [idle, handshake]) {
    socket.on('error', () => {})
    await once(socket, 'connect')
  }
  await emulator.waitForRequests(1)
  const started = performance.now()
  const closed = Promise.all([once(idle, 'close'), once(handshake, 'close')])
  await Promise.all([emulator.close(), emulator.close()])
  await delayed
  await closed
  expect(performance.now() - started).toBeLessThan(1000)
})

test('a process that closes its emulator ends by itself', async () => {
  const child = spawnNode(new URL('fixtures/start-and-close.ts', import.meta.url), [])
  expect(await finish(child)).toMatchObject({ code: 0, stdout: 'closed\n', stderr: '' })
})

test('a port that is taken is an error, and nothing is left running', async () => {
  const first = await start()
  const port = Number(new URL(first.url).port)
  await expect(startEmulator({ port, https: false })).rejects.toMatchObject({ code: 'EADDRINUSE', port })
  await expect(startEmulator({ httpsPort: port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await expect(startEmulator({ schema: [] })).rejects.toThrow(TypeError)
})

test('starting again in the same process takes no new certificate', async () => {
  await start({})
  const started = performance.now()
  await start({})
  expect(performance.now() - started).toBeLessThan(150)
})
