import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator, Row } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'

import type { Fate, OpenLogger, Subject } from './subject.ts'

/** Everything that a way in must do, whatever it is made of. */
export function describeTransport(subject: Subject): void {
  describe(subject.name, () => {
    let emulator: Emulator

    beforeAll(async () => {
      emulator = await startEmulator({ https: false })
      Object.assign(process.env, emulator.env)
    })
    afterAll(() => emulator.close())
    beforeEach(() => emulator.clear())

    function open(): OpenLogger {
      const logger = subject.open()
      onTestFinished(() => logger.close())
      return logger
    }

    function stored(): readonly Row[] {
      emulator.assertNothingDropped()
      return emulator.rows()
    }

    test('everything arrives, once', async () => {
      const logger = open()
      for (let n = 0; n < 5000; n += 1) logger.log('info', `line ${n}`, { properties: { n } })
      await logger.flush()
      const rows = stored()
      expect(rows.map(numberOf).sort((a, b) => a - b)).toEqual(Array.from({ length: 5000 }, (_, n) => n))
      expect(new Set(rows.map((row) => row['RecordId'])).size).toBe(5000)
    })

    test('flush() means stored, each time', async () => {
      const logger = open()
      for (let n = 0; n < 5; n += 1) {
        logger.log('info', 'once more', { properties: { n } })
        await logger.flush()
        expect(stored()).toHaveLength(n + 1)
      }
    })

    test('order by TimeGenerated is the order in which it was logged', async () => {
      const logger = open()
      for (let n = 0; n < 3000; n += 1) logger.log('info', 'tick', { properties: { n } })
      await logger.flush()
      const times = stored().map((row) => ({ time: String(row['TimeGenerated']), n: numberOf(row) }))
      times.sort((a, b) => (a.time < b.time ? -1 : 1))
      expect(times.map(({ n }) => n)).toEqual(Array.from({ length: 3000 }, (_, n) => n))
      expect(new Set(times.map(({ time }) => time)).size).toBe(3000)
    })

    test('every level keeps its name and gets its severity', async () => {
      const logger = open()
      for (const level of Object.keys(subject.levels)) logger.log(level, `at ${level}`)
      await logger.flush()
      const severities = Object.fromEntries(stored().map((row) => [row['Level'], row['SeverityNumber']]))
      expect(severities).toEqual(subject.levels)
    })

    test('a row says who logged, where and when', async () => {
      const logger = open()
      const before = Date.now()
      logger.log('info', 'hello', { properties: { orderId: 912, nested: { deep: [1, 'two', null] } } })
      await logger.flush()
      const [row] = stored()
      expect(row).toMatchObject({
        Message: 'hello',
        ProcessId: process.pid,
        HostName: expect.stringMatching(/./),
        Properties: { orderId: 912, nested: { deep: [1, 'two', null] } },
      })
      expect(Date.parse(String(row?.['TimeGenerated']))).toBeGreaterThanOrEqual(before)
      expect(row?.['EventTime']).toBe(row?.['TimeGenerated'])
    })

    test('an error keeps its type, message, stack and causes', async () => {
      const logger = open()
      const cause = new RangeError('inner reason')
      logger.log('error', 'it failed', { error: new TypeError('outer trouble', { cause }) })
      await logger.flush()
      expect(stored()[0]).toMatchObject({
        Level: 'error',
        ErrorType: 'TypeError',
        ErrorMessage: expect.stringContaining('outer trouble'),
        ErrorStack: expect.stringMatching(/outer trouble[^]*suite\.ts[^]*inner reason/),
      })
    })

    test('an AggregateError tells each of its errors', async () => {
      const logger = open()
      const error = new AggregateError([new Error('first reason'), new Error('second reason')], 'both failed')
      logger.log('error', 'it failed twice', { error })
      await logger.flush()
      expect(stored()[0]).toMatchObject({
        ErrorType: 'AggregateError',
        ErrorStack: expect.stringMatching(/both failed[^]*first reason[^]*second reason/),
      })
    })

    test('values that JSON refuses cost neither their record nor its neighbours', async () => {
      const logger = open()
      const circular: Record<string, unknown> = { name: 'loop' }
      circular['self'] = circular
      logger.log('info', 'before')
      logger.log('info', 'circular', { properties: { circular } })
      logger.log('info', 'big', { properties: { big: 12345678901234567890n } })
      logger.log('info', 'after')
      await logger.flush()
      const rows = stored()
      expect(rows.map((row) => row['Message'])).toEqual(['before', 'circular', 'big', 'after'])
      expect(JSON.stringify(rows[1]?.['Properties'])).toContain('loop')
      expect(JSON.stringify(rows[2]?.['Properties'])).toMatch(/1234567890123456789\d|12345678901234567\d{3}/)
    })

    test('a message of 1 MB arrives as the service keeps it, and takes no neighbour along', async () => {
      const logger = open()
      logger.log('info', 'before')
      logger.log('info', 'x'.repeat(1_048_576))
      logger.log('info', 'after')
      await logger.flush()
      const messages = emulator.rows().map((row) => String(row['Message']))
      expect(messages).toHaveLength(3)
      // The service cuts a string at 64 KB, in silence; the emulator says so.
      expect(messages.map((message) => message.length).sort((a, b) => a - b)).toEqual([5, 6, 65_536])
    })

    test('text of any script arrives as it was', async () => {
      const logger = open()
      const texts = [
        'größer als',
        '日本語のログ',
        '🙂👩‍👩‍👧',
        'tab\tand "quotes" and \\ and \u0000',
        'line\nbreak\u2028',
      ]
      for (const text of texts) logger.log('info', text, { properties: { text } })
      logger.log('info', 'half \uD83D pair')
      await logger.flush()
      const rows = stored()
      expect(rows.slice(0, -1).map((row) => row['Message'])).toEqual(texts)
      expect(rows.slice(0, -1).map((row) => (row['Properties'] as Row)['text'])).toEqual(texts)
      expect(rows.at(-1)?.['Message']).toMatch(/^half .+ pair$/)
    })

    test('close() delivers what is left', async () => {
      const logger = subject.open()
      for (let n = 0; n < 100; n += 1) logger.log('info', 'last words', { properties: { n } })
      await logger.close()
      expect(stored()).toHaveLength(100)
    })

    test('a bad day of 429, 503 and resets costs nothing', async () => {
      const logger = open()
      const headers = { 'retry-after-ms': '1' }
      emulator.answerNext({ status: 429, headers }, { reset: 'before' }, { status: 503, headers })
      for (let n = 0; n < 100; n += 1) logger.log('info', 'patience', { properties: { n } })
      await logger.flush()
      expect(stored()).toHaveLength(100)
    })

    const { fates } = subject

    test(`a process that simply ends: ${fates.normalEnd}`, async () => {
      const ending = await runToItsEnd(subject.name, 'normal')
      expect(ending.code).toBe(0)
      expectFate(fates.normalEnd, ending)
    })

    test(`process.exit(): ${fates.processExit}`, async () => {
      const ending = await runToItsEnd(subject.name, 'exit')
      expect(ending.code).toBe(0)
      expectFate(fates.processExit, ending)
    })

    test(`an uncaught exception: ${fates.uncaughtException}`, async () => {
      const ending = await runToItsEnd(subject.name, 'throw')
      expect(ending.code).toBe(1)
      expect(ending.stderr).toContain('Error: nobody catches this')
      expectFate(fates.uncaughtException, ending)
    })

    test(`SIGTERM without a handler: ${fates.sigterm}`, async () => {
      const ending = await runToItsEnd(subject.name, 'wait')
      expect(ending.signal).toBe('SIGTERM')
      expectFate(fates.sigterm, ending)
    })

    test('close() and then process.exit(): delivered', async () => {
      expectFate('delivered', await runToItsEnd(subject.name, 'close'))
    })

    function expectFate(fate: Fate, { stderr }: Ending): void {
      expect(stored()).toHaveLength(fate === 'delivered' ? RECORDS : 0)
      if (fate === 'lost and reported') expect(stderr).toContain(`${RECORDS} records lost`)
      else expect(stderr).not.toContain('lost')
    }
  })
}

/** What the ending process logs; see ending-process.ts. */
const RECORDS = 5

interface Ending {
  readonly code: number | null
  readonly signal: string | null
  readonly stderr: string
}

async function runToItsEnd(name: string, way: string): Promise<Ending> {
  const script = fileURLToPath(new URL('ending-process.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=dev', script, name, way, String(RECORDS)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  child.stdout.on('data', (chunk: Buffer) => {
    if (chunk.toString().includes('ready')) child.kill('SIGTERM')
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { code, signal, stderr }
}

function numberOf(row: Row): number {
  return Number((row['Properties'] as Row)['n'])
}
