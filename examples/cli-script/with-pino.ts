import { parseArgs } from 'node:util'

import { pino } from 'pino'

const { values } = parseArgs({ options: { exit: { type: 'boolean' }, invoices: { type: 'string' } } })

// The process waits at process.exit() until pino's worker has delivered, 5 seconds at most.
const transport = pino.transport({
  target: '@azlogs/pino',
  options: { credential: { kind: 'managed-identity' } },
})
const logger = pino({ name: 'with-pino' }, transport)

const invoices = Number(values.invoices ?? 10)
for (let number = 1; number <= invoices; number += 1) logger.info({ sequence: number }, 'invoice sent')
process.stdout.write(`logged ${invoices}\n`)

if (values.exit === true) process.exit()
