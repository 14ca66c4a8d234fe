// Uploads a file, and prints what that cost and how the memory went. Arguments: the file, the endpoint.
import { Readable } from 'node:stream'

import { LogsIngestionClient } from '@azlogs/core'

import { measureCost } from '../load/cost.ts'
import { ndjson } from '../load/row-file.ts'
import { CREDENTIAL, RULE_ID, STREAM_NAME } from './destination.ts'

const [path = '', endpoint = ''] = process.argv.slice(2)

const OPTIONS = { maxConcurrency: 5 }
const WARM_UP_ROWS = 20_000
const SAMPLE_EVERY_MS = 50

const client = new LogsIngestionClient(endpoint, CREDENTIAL)
const upload = (file: string | Readable): Promise<unknown> =>
  client.uploadFile(RULE_ID, STREAM_NAME, file, OPTIONS)

await upload(Readable.from(ndjson(0, WARM_UP_ROWS), { objectMode: false }))
const rssMb: number[] = []
const sampling = setInterval(() => rssMb.push(process.memoryUsage.rss() / 1e6), SAMPLE_EVERY_MS)
const end = measureCost()
await upload(path)
const cost = end()
clearInterval(sampling)
process.stdout.write(JSON.stringify({ ...cost, rssMb }), () => process.exit())
