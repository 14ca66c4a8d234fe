import { parseArgs } from 'node:util'

import { AzureLogsTransport } from '@azlogs/winston'
import winston from 'winston'

const { values } = parseArgs({ options: { exit: { type: 'boolean' }, invoices: { type: 'string' } } })

// With `worker: true` the process waits at process.exit() until the worker has delivered, 5 seconds at most.
const logger = winston.createLogger({
  defaultMeta: { service: 'with-winston' },
  transports: [new AzureLogsTransport({ credential: { kind: 'managed-identity' }, worker: true })],
})

const invoices = Number(values.invoices ?? 10)
for (let number = 1; number <= invoices; number += 1) logger.info('invoice sent', { sequence: number })
process.stdout.write(`logged ${invoices}\n`)

if (values.exit === true) process.exit()
