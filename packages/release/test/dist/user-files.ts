/** What a user on TypeScript writes: each exported name once or more, in the way that its README shows. */
export const USER_FILES = {
  'user/core.ts': `
    import {
      AggregateLogsUploadError, AzlogsError, createShipper, isAggregateLogsUploadError, isAzlogsError,
      KnownMonitorAudience, listSpool, LogsIngestionClient, replaySpool, verifySpool,
    } from '@azlogs/core'
    import type {
      AzlogsErrorCode, CredentialOption, FlushResult, LogsUploadFailure, Problem, RowSchema, Shipper, ShipperOptions,
      ShipperStats, SpoolOptions, UploadResult,
    } from '@azlogs/core'

    const credential: CredentialOption = { kind: 'managed-identity', clientId: 'x' }
    const schema: RowSchema = { columns: [{ name: 'Message', type: 'string' }] }
    const spool: SpoolOptions = { directory: '/var/lib/app/spool', durability: 'wal' }
    const options: ShipperOptions = {
      credential, schema, spool, packing: 'compressed', overflow: 'drop-oldest',
      onProblem: (problem: Problem) => console.error(problem.code, problem.message, problem.recordCount),
    }
    export const shipper: Shipper = createShipper(options)
    const taken: boolean = shipper.push({ Message: 'one' })
    const stats: ShipperStats = shipper.stats()
    const settled: FlushResult = await shipper.flush({ timeoutMs: 100 })
    console.log(taken, stats.delivered + stats.pending, settled.complete)

    const client = new LogsIngestionClient('https://x.ingest.monitor.azure.com', credential, {
      audience: KnownMonitorAudience.AzurePublicCloud,
    })
    async function* records(): AsyncIterable<{ readonly Message: string }> { yield { Message: 'two' } }
    try {
      const result: UploadResult = await client.upload('dcr-1', 'Custom-A_CL', records(), { maxConcurrency: 2 })
      console.log(result.acceptedCount)
    } catch (error) {
      if (isAggregateLogsUploadError(error)) {
        const failures: readonly LogsUploadFailure[] = error.errors
        console.log(failures.flatMap(({ failedLogs }) => failedLogs))
      }
      if (isAzlogsError(error)) {
        const code: AzlogsErrorCode = error.code
        if (code === 'AZLOGS_FORBIDDEN') console.log(error.statusCode)
      }
    }
    console.log(AggregateLogsUploadError.name, AzlogsError.name, await listSpool('/x'), verifySpool, replaySpool)
    // @ts-expect-error There is no such option.
    createShipper({ flushIntervall: 5 })
    // @ts-expect-error Rows are objects.
    shipper.push('text')
    await shipper.close()
  `,
  'user/winston.ts': `
    import { AzureLogsTransport } from '@azlogs/winston'
    import type { AzureLogsTransportOptions, AzureLogsTransportStats } from '@azlogs/winston'
    import winston from 'winston'

    const options: AzureLogsTransportOptions = {
      level: 'warn', format: winston.format.json(), worker: true, columns: { StatusCode: 'res.statusCode' },
    }
    const transport = new AzureLogsTransport(options)
    const logger = winston.createLogger({ transports: [transport, new winston.transports.Console()] })
    logger.warn('one', { orderId: 1 })
    const stats: AzureLogsTransportStats = transport.stats()
    console.log(stats.delivered, (await transport.flush({ timeoutMs: 5 })).complete)
    // @ts-expect-error There is no such option.
    new AzureLogsTransport({ levle: 'warn' })
  `,
  'user/pino.ts': `
    import azureLogsTarget, {
      azureLogsTransport, createAzureLogsStream, flushTransport, recommendedPinoOptions, target,
    } from '@azlogs/pino'
    import type { AzureLogsOptions, AzureLogsTargetOptions, ProblemEvent } from '@azlogs/pino'
    import { pino } from 'pino'

    const options: AzureLogsTargetOptions = { credential: { kind: 'environment' }, maxConcurrency: 4 }
    export const byName = pino(pino.transport<AzureLogsTargetOptions>({ target: '@azlogs/pino', options }))
    export const byUrl = pino(pino.transport({ targets: [{ target, options, level: 'info' }] }))
    const full: AzureLogsOptions = { ...options, onProblem: ({ code }) => console.error(code) }
    const transport = azureLogsTransport(full)
    transport.on('azlogs:problem', (problem: ProblemEvent) => console.error(problem.message))
    export const logger = pino(recommendedPinoOptions(), transport)
    export const inProcess = pino({ level: 'debug' }, createAzureLogsStream(full))
    const settled = await flushTransport(transport, { timeoutMs: 100 })
    console.log(settled.complete, settled.pending, azureLogsTarget.name)
    // @ts-expect-error There is no such option.
    azureLogsTransport({ endpiont: '' })
  `,
  'user/emulator.ts': `
    import { describeLosses, SchemaError, startEmulator } from '@azlogs/emulator'
    import type { Emulator, EmulatorOptions, Verdict } from '@azlogs/emulator'
    import { assertIngested, assertNothingDropped, matchers } from '@azlogs/emulator/testing'

    const options: EmulatorOptions = { https: false, mode: 'strict', faults: '429:10%' }
    const emulator: Emulator = await startEmulator(options)
    emulator.answerNext({ status: 503, times: 2 })
    const verdicts: readonly Verdict[] = emulator.verdicts()
    console.log(verdicts.map((verdict) => describeLosses(verdict)), emulator.env, SchemaError.name, matchers)
    await assertIngested(emulator, { Message: 'one' }, { times: 1 })
    assertNothingDropped(emulator)
    await emulator.close()
  `,
} as const

/** What a user of vitest writes. */
export const VITEST_FILE = {
  'user/app.test.ts': `
    import { test } from '@azlogs/emulator/vitest'
    import { expect } from 'vitest'

    test('arrives', async ({ emulator }) => {
      await expect(emulator).toHaveIngested({ Message: 'one' }, { times: 1 })
      emulator.assertNothingDropped()
    })
  `,
} as const

/** What a user writes whose package is CommonJS. */
export const COMMONJS_FILE = {
  'user/commonjs.cts': `
    import { createShipper } from '@azlogs/core'
    import { AzureLogsTransport } from '@azlogs/winston'
    import { createAzureLogsStream } from '@azlogs/pino'

    export = { shipper: createShipper(), transport: new AzureLogsTransport(), stream: createAzureLogsStream() }
  `,
} as const
