// Uploads a file, and prints what that cost and how the memory went. Arguments: the file, the endpoint.
import { LogsIngestionClient } from '@azlogs/core'

import { measureCost } from '../load/cost.ts'
import { CREDENTIAL, RULE_ID, STREAM_NAME } from './destination.ts'

const [path = '', endpoint = ''] = process.argv.slice(2)

const OPTIONS = { maxConcurrency: 5 }
const SAMPLE_EVERY_MS = 50

const client = new LogsIngestionClient(endpoint, CREDENTIAL)
const rssMb: number[] = []
const sampling = setInterval(() => rssMb.push(process.memoryUsage.rss() / 1e6), SAMPLE_EVERY_MS)
const end = measureCost()
await client.uploadFile(RULE_ID, STREAM_NAME, path, OPTIONS)
const cost = end()
clearInterval(sampling)
process.stdout.write(JSON.stringify({ ...cost, rssMb }), () => process.exit())
