// Uploads rows that are made as they are wanted. Arguments: the packing, the endpoint, how many rows.
import { LogsIngestionClient } from '@azlogs/core'
import type { LogsIngestionClientOptions } from '@azlogs/core'

import { rowOf } from '../load/rows.ts'
import { CREDENTIAL, RULE_ID, STREAM_NAME } from './destination.ts'

const [packing = '', endpoint = '', count = '0'] = process.argv.slice(2)

function* rows(): Generator<object> {
  for (let number = 0; number < Number(count); number += 1) yield rowOf(number)
}

const options: LogsIngestionClientOptions = packing === 'compressed' ? { packing } : {}
const client = new LogsIngestionClient(endpoint, CREDENTIAL, options)
await client.upload(RULE_ID, STREAM_NAME, rows())
process.stdout.write('{}', () => process.exit())
