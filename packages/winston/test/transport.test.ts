import { once } from 'node:events'

import type { Problem } from '@azlogs/core'
import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { AzureLogsTransport } from '@azlogs/winston'
import type { AzureLogsTransportOptions } from '@azlogs/winston'
import { LEVEL } from 'triple-beam'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import winston from 'winston'
import TransportStream from 'winston-transport'

import { toEmulator } from './logging.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

/** Nothing listens at the port of a server that is gone. */
async function deadEndpoint(): Promise<string> {
  const gone = await startEmulator({ https: false })
  await gone.close()
  return gone.url
}

/** In the order of logging: requests run in parallel and arrive in any order. */
function messages(): readonly string[] {
  const inOrder = emulator
    .rows()
    .toSorted((left, right) => (String(left['TimeGenerated']) < String(right['TimeGenerated']) ? -1 : 1))
  return inOrder.map((row) => String(row['Message']))
}

async function end(logger: winston.Logger): Promise<void> {
  const finished = once(logger, 'finish')
  logger.end()
  await finished
}

describe.each([
  ['in-process', false],
  ['worker', true],
])('%s', (_name, worker) => {
  const open = (options: AzureLogsTransportOptions = {}): AzureLogsTransport =>
    new AzureLogsTransport({ ...toEmulator(emulator), worker, ...options })

  test('end() and finish mean that every record is stored', async () => {
    const logger = winston.createLogger({ transports: [open()] })
    for (let index = 0; index < 200; index += 1) logger.info(`message ${index}`)
    await end(logger)
    expect(messages()).toHaveLength(200)
  })

  test('end() waits out a service that is busy for a moment', async () => {
    emulator.answerNext({ status: 503 }, { reset: 'before' })
    const transport = open()
    const logger = winston.createLogger({ transports: [transport] })
    logger.info('late')
    await end(logger)
    expect(messages()).toEqual(['late'])
    expect(transport.stats()).toMatchObject({ delivered: 1, pending: 0 })
  })

  test('a dead endpoint costs the application nothing but closeTimeoutMs at its end', async () => {
    const problems: Problem[] = []
    const transport = open({
      endpoint: await deadEndpoint(),
      closeTimeoutMs: 500,
      flushIntervalMs: 10,
      onProblem: (problem) => problems.push(problem),
    })
    const seen: unknown[] = []
    const other = new TransportStream({
      log(info: { readonly message: unknown }, next) {
        seen.push(info.message)
        next()
      },
    })
    const logger = winston.createLogger({ transports: [transport, other] })
    for (let index = 0; index < 1000; index += 1) logger.info(index)
    expect(seen).toHaveLength(1000)

    const started = performance.now()
    await end(logger)
    expect(performance.now() - started).toBeLessThan(5000)
    expect(performance.now() - started).toBeGreaterThan(400)
    expect(transport.stats()).toMatchObject({ accepted: 1000, delivered: 0, pending: 1000, dropped: 0 })
  })

  test('a full buffer is counted and told to onProblem, and the log call goes on', async () => {
    const problems: Problem[] = []
    const transport = open({
      endpoint: await deadEndpoint(),
      closeTimeoutMs: 10,
      maxBufferBytes: 20_000,
      onProblem: (problem) => problems.push(problem),
    })
    const logger = winston.createLogger({ transports: [transport] })
    for (let index = 0; index < 500; index += 1) logger.info('x'.repeat(100))
    const { accepted, dropped, pending } = transport.stats()
    expect(accepted).toBe(500)
    expect(dropped).toBeGreaterThan(0)
    expect(dropped + pending).toBe(500)
    expect(problems).toMatchObject([{ kind: 'lost', code: 'AZLOGS_BUFFER_FULL' }])
    await end(logger)
  })

  test('flush() resolves when what was logged before is stored', async () => {
    const transport = open({ flushIntervalMs: 60_000 })
    const logger = winston.createLogger({ transports: [transport] })
    logger.info('one')
    logger.info('two')
    expect(await transport.flush()).toEqual({ complete: true, pending: 0 })
    expect(messages()).toEqual(['one', 'two'])
  })

  test('flush({ timeoutMs }) gives up waiting and loses nothing', async () => {
    emulator.answerNext({ delayMs: 400 })
    const transport = open()
    const logger = winston.createLogger({ transports: [transport] })
    logger.info('slow')
    expect(await transport.flush({ timeoutMs: 50 })).toEqual({ complete: false, pending: 1 })
    await transport.flush()
    expect(messages()).toEqual(['slow'])
  })

  test('configure() with the same transport goes on shipping, by the new level', async () => {
    const transport = open()
    const logger = winston.createLogger({ level: 'debug', transports: [transport] })
    logger.debug('before')
    logger.configure({ level: 'warn', transports: [transport] })
    logger.info('below the new level')
    logger.warn('after')
    logger.configure({ level: 'info', transports: [transport] })
    logger.debug('below again')
    logger.info('after that')
    await end(logger)
    expect(messages()).toEqual(['before', 'after', 'after that'])
  })

  test('remove() and close() send what is waiting, without any other call', async () => {
    for (const leave of ['remove', 'clear', 'close'] as const) {
      const transport = open({ flushIntervalMs: 60_000 })
      const logger = winston.createLogger({ transports: [transport] })
      logger.info(leave)
      logger[leave](transport)
    }
    await emulator.waitForRows(3)
    expect(messages()).toEqual(['remove', 'clear', 'close'])
  })

  test('twelve loggers share a transport without a warning', async () => {
    const warnings: Error[] = []
    const note = (warning: Error): void => void warnings.push(warning)
    process.on('warning', note)
    const transport = open()
    for (let index = 0; index < 12; index += 1) {
      winston.createLogger({ transports: [transport] }).info(`logger ${index}`)
    }
    await transport.flush()
    await new Promise(setImmediate)
    process.off('warning', note)
    expect(warnings).toEqual([])
    expect(messages()).toHaveLength(12)
  })

  test('the end of one logger takes no record from another that shares the transport', async () => {
    const transport = open({ flushIntervalMs: 50 })
    const first = winston.createLogger({ transports: [transport] })
    const second = winston.createLogger({ transports: [transport] })
    emulator.answerNext({ delayMs: 200 })
    first.info('first')
    const ended = end(first)
    // The transport's end is under way; its finish comes with the answer.
    await emulator.waitForRequests(1)
    second.info('second')
    await ended
    second.add(transport)
    second.info('third')
    await emulator.waitForRows(3)
    expect(messages()).toEqual(['first', 'second', 'third'])
  })

  test('of two ends at once, finish tells the last', async () => {
    const transport = open()
    const first = winston.createLogger({ transports: [transport] })
    const second = winston.createLogger({ transports: [transport] })
    first.info('first')
    const ended = end(first)
    emulator.answerNext({ delayMs: 100 }, { delayMs: 300 })
    await emulator.waitForRequests(1)
    second.info('second')
    await Promise.all([ended, end(second)])
    expect(messages()).toEqual(['first', 'second'])
  })

  test('end() takes a last record and a callback, as any stream does', async () => {
    const transport = open()
    winston.createLogger({ transports: [transport] })
    await new Promise<void>((resolve) =>
      transport.end({ [LEVEL]: 'info', level: 'info', message: 'last' }, resolve),
    )
    expect(messages()).toEqual(['last'])
  })

  test('a transport is taken again by a logger after the end of its first', async () => {
    const transport = open()
    const first = winston.createLogger({ transports: [transport] })
    first.info('first')
    await end(first)
    const second = winston.createLogger({ level: 'warn', transports: [transport] })
    second.info('below the level')
    second.warn('second')
    await end(second)
    await transport.flush()
    expect(messages()).toEqual(['first', 'second'])
  })

  test('level, silent and format of the transport work', async () => {
    const transport = open({
      level: 'warn',
      format: winston.format((info) => ({ ...info, shaped: true }))(),
    })
    const silent = open({ silent: true })
    const logger = winston.createLogger({ level: 'silly', transports: [transport, silent] })
    logger.info('below')
    logger.error('above')
    await Promise.all([transport.flush(), silent.flush()])
    expect(emulator.rows()).toMatchObject([{ Message: 'above', Properties: { shaped: true } }])
    expect(silent.stats().accepted).toBe(0)
  })

  test('a format that drops a record drops it', async () => {
    const transport = open({ format: winston.format((info) => (info['drop'] === true ? false : info))() })
    const logger = winston.createLogger({ transports: [transport] })
    logger.info('dropped', { drop: true })
    logger.info('kept')
    await transport.flush()
    expect(messages()).toEqual(['kept'])
  })

  test('the callback comes in the same tick, and logged is emitted when somebody listens', async () => {
    const transport = open()
    const logged: unknown[] = []
    let called = 0
    transport.log({ level: 'info', message: 'one' }, () => (called += 1))
    transport.on('logged', (info) => logged.push(info))
    const info = { level: 'info', message: 'two' }
    transport.log(info, () => (called += 1))
    expect(called).toBe(2)
    expect(logged).toEqual([info])
    await transport.flush()
  })

  test('records refused for good reach onProblem, and no error event', async () => {
    emulator.answerNext({ status: 400, body: { error: { code: 'InvalidPayload', message: 'no' } }, times: 5 })
    const problems: Problem[] = []
    const errors: unknown[] = []
    const transport = open({ onProblem: (problem) => problems.push(problem) })
    const logger = winston.createLogger({ transports: [transport] })
    transport.on('error', (error) => errors.push(error))
    logger.info('poison')
    await end(logger)
    expect(errors).toEqual([])
    expect(problems).toMatchObject([{ kind: 'quarantined', recordCount: 1 }])
    expect(problems[0]?.records?.[0]).toContain('poison')
  })
})
