// Uploads rows that it has in memory with one of three programs, and prints what that cost. Arguments: the program, the endpoint,
// how many rows.
import { LogsIngestionClient as AzlogsClient } from '@azlogs/core'
import { LogsIngestionClient as OfficialClient } from '@azure/monitor-ingestion'

import { measureCost } from '../load/cost.ts'
import { rowOf } from '../load/rows.ts'
import type { Row } from '../load/rows.ts'
import { CREDENTIAL, RULE_ID, STREAM_NAME } from './destination.ts'
import { createBareClient } from './bare-client.ts'

const [program = '', endpoint = '', count = '0'] = process.argv.slice(2)

const CONCURRENCY = 5
const WARM_UP_ROWS = 20_000

const OPTIONS = { maxConcurrency: CONCURRENCY }

type Upload = (rows: Row[]) => Promise<unknown>

const PROGRAMS: Readonly<Record<string, () => Upload>> = {
  azlogs() {
    const client = new AzlogsClient(endpoint, CREDENTIAL)
    return (rows) => client.upload(RULE_ID, STREAM_NAME, rows, OPTIONS)
  },
  official() {
    const client = new OfficialClient(endpoint, CREDENTIAL)
    return (rows) => client.upload(RULE_ID, STREAM_NAME, rows, OPTIONS)
  },
  limit() {
    const client = createBareClient(endpoint, CONCURRENCY)
    return (rows) => client.upload(rows)
  },
}

// As rows are that come from a file, a database or another service.
const rows = Array.from(
  { length: Number(count) },
  (_value, number) => JSON.parse(JSON.stringify(rowOf(number))) as Row,
)
const upload = PROGRAMS[program]?.()
if (upload === undefined) throw new Error(`There is no program ${program}`)
// Connections, the certificates of authorities and what the engine compiles are paid for once a process, whatever it uploads.
await upload(rows.slice(0, WARM_UP_ROWS))
const end = measureCost()
await upload(rows)
process.stdout.write(JSON.stringify(end()), () => process.exit())
