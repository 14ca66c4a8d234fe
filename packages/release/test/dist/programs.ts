/** What users write, by file; each logs two rows and ends well, for which it has time on a busy machine too. */
export const PROGRAMS = {
  'core.cjs': `
    const { createShipper, LogsIngestionClient } = require('@azlogs/core')
    const { AZURE_DCE_ENDPOINT: endpoint, AZURE_DCR_RULE_ID: rule, AZURE_DCR_STREAM_NAME: stream } = process.env
    const credential = { kind: 'managed-identity' }
    async function main() {
      const shipper = createShipper({ credential, closeTimeoutMs: 30_000 })
      shipper.push({ Message: 'one' })
      await shipper.close()
      const client = new LogsIngestionClient(endpoint, credential)
      await client.upload(rule, stream, [{ Message: 'two' }])
      await client.close()
    }
    main()
  `,
  'core.mjs': `
    import { createShipper } from '@azlogs/core'
    const shipper = createShipper({ credential: { kind: 'managed-identity' }, closeTimeoutMs: 30_000 })
    shipper.push({ Message: 'one' })
    shipper.push({ Message: 'two' })
    shipper.close()
  `,
  'winston.cjs': `
    const winston = require('winston')
    const { AzureLogsTransport } = require('@azlogs/winston')
    const transport = new AzureLogsTransport({ credential: { kind: 'managed-identity' }, closeTimeoutMs: 30_000 })
    const logger = winston.createLogger({ transports: [transport] })
    logger.info('one')
    logger.error(new Error('two'))
    logger.end()
  `,
  'winston.mjs': `
    import { AzureLogsTransport } from '@azlogs/winston'
    import winston from 'winston'
    const transport = new AzureLogsTransport({ credential: { kind: 'managed-identity' }, closeTimeoutMs: 30_000 })
    const logger = winston.createLogger({ transports: [transport] })
    logger.info('one')
    logger.info('two')
  `,
  'winston-worker.cjs': `
    const winston = require('winston')
    const { AzureLogsTransport } = require('@azlogs/winston')
    const transport = new AzureLogsTransport({ credential: { kind: 'managed-identity' }, worker: true })
    const logger = winston.createLogger({ transports: [transport] })
    logger.info('one')
    logger.info('two')
    process.exit(0)
  `,
  'winston-worker.mjs': `
    import { AzureLogsTransport } from '@azlogs/winston'
    import winston from 'winston'
    const transport = new AzureLogsTransport({ credential: { kind: 'managed-identity' }, worker: true })
    const logger = winston.createLogger({ transports: [transport] })
    logger.info('one')
    logger.info('two')
    process.exit(0)
  `,
  'pino-target.cjs': `
    const pino = require('pino')
    const logger = pino(pino.transport({ target: '@azlogs/pino', options: { credential: { kind: 'managed-identity' } } }))
    logger.info('one')
    logger.error(new Error('two'))
  `,
  'pino-target.mjs': `
    import pino from 'pino'
    const logger = pino(pino.transport({ target: '@azlogs/pino', options: { credential: { kind: 'managed-identity' } } }))
    logger.info('one')
    logger.info('two')
  `,
  'pino-target-url.mjs': `
    import { target } from '@azlogs/pino'
    import pino from 'pino'
    const logger = pino(pino.transport({ target, options: { credential: { kind: 'managed-identity' } } }))
    logger.info('one')
    logger.info('two')
  `,
  'pino-transport.cjs': `
    const pino = require('pino')
    const { azureLogsTransport, flushTransport } = require('@azlogs/pino')
    const transport = azureLogsTransport({ credential: { kind: 'managed-identity' } })
    const logger = pino(transport)
    logger.info('one')
    logger.info('two')
    flushTransport(transport).then(() => process.kill(process.pid, 'SIGKILL'))
  `,
  'pino-stream.mjs': `
    import { createAzureLogsStream } from '@azlogs/pino'
    import pino from 'pino'
    const logger = pino(createAzureLogsStream({ credential: { kind: 'managed-identity' }, closeTimeoutMs: 30_000 }))
    logger.info('one')
    logger.info('two')
  `,
} as const

export type Program = keyof typeof PROGRAMS

/** A test of an application, without a runner. */
export const EMULATOR_PROGRAM = `
  const { LogsIngestionClient } = require('@azlogs/core')
  const { startEmulator } = require('@azlogs/emulator')
  const { assertIngested, assertNothingDropped } = require('@azlogs/emulator/testing')
  async function main() {
    const emulator = await startEmulator({ https: false })
    const client = new LogsIngestionClient(emulator.url, emulator.credential)
    await client.upload(emulator.ruleId, emulator.streamName, [{ Message: 'one' }, { Message: 'two' }])
    await client.close()
    const rows = await assertIngested(emulator, { Message: 'two' })
    assertNothingDropped(emulator)
    await assertIngested(emulator, { Message: 'three' }, { within: 0 }).then(
      () => console.log('three is there'),
      () => console.log(rows.length, 'of', emulator.rows().length),
    )
    await emulator.close()
  }
  main()
`

/** What an application has logged with pino. */
export const LINES: string = `
{"level":30,"time":1795000000000,"pid":7,"hostname":"web","orderId":1,"msg":"one"}
{"level":50,"time":1795000000001,"pid":7,"hostname":"web","orderId":2,"msg":"two"}
`.trimStart()
