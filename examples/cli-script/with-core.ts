import { parseArgs } from 'node:util'

import { createRowMapper, createShipper, SEVERITY } from '@azlogs/core'

const { values } = parseArgs({ options: { exit: { type: 'boolean' }, invoices: { type: 'string' } } })

const shipper = createShipper({ credential: { kind: 'managed-identity' } })
const toRow = createRowMapper()

const invoices = Number(values.invoices ?? 10)
for (let number = 1; number <= invoices; number += 1) {
  shipper.push(
    toRow({
      level: 'info',
      severity: SEVERITY.info,
      message: 'invoice sent',
      logger: 'with-core',
      properties: { sequence: number },
    }),
  )
}
process.stdout.write(`logged ${invoices}\n`)

// At process.exit() nothing more can be sent from this thread, so it is sent before: within 5 seconds.
if (values.exit === true) {
  await shipper.close()
  process.exit()
}
