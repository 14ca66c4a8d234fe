import { createRowMapper, createShipper, LogsIngestionClient, SEVERITY } from '@azlogs/core'
import type { CredentialOption } from '@azlogs/core'

const [file] = process.argv.slice(2)
if (file === undefined) {
  process.stderr.write('usage: node app.ts <file.ndjson | file.json | either as .gz>\n')
  process.exit(2)
}

const { AZURE_DCE_ENDPOINT = '', AZURE_DCR_RULE_ID = '', AZURE_DCR_STREAM_NAME = '' } = process.env
const credential: CredentialOption = { kind: 'managed-identity' }

// What this script has to say goes record by record through a shipper. It needs no logger, only rows: here those of
// the default table. Where to send comes from the three variables above.
const shipper = createShipper({ credential })
const toRow = createRowMapper()

// Every record gets a running number: a gap in the table would be a lost record.
let logged = 0
function log(
  level: 'info' | 'error',
  message: string,
  details: { error?: unknown; [name: string]: unknown },
): void {
  const { error, ...properties } = details
  logged += 1
  shipper.push(
    toRow({
      level,
      severity: SEVERITY[level],
      message,
      logger: 'core-plain',
      error,
      properties: { ...properties, sequence: logged },
    }),
  )
}

/** Uploads a file whose records are rows already. */
async function uploadFile(file: string): Promise<void> {
  const client = new LogsIngestionClient(AZURE_DCE_ENDPOINT, credential)
  try {
    log('info', 'upload started', { file })
    const result = await client.uploadFile(AZURE_DCR_RULE_ID, AZURE_DCR_STREAM_NAME, file, {
      onProgress({ acceptedCount, requestCount }) {
        process.stdout.write(`uploaded ${acceptedCount} records in ${requestCount} requests\n`)
        log('info', 'upload progressed', { acceptedCount, requestCount })
      },
    })
    log('info', 'upload finished', { file, ...result })
  } finally {
    await client.close()
  }
}

try {
  await uploadFile(file)
} catch (error) {
  log('error', 'upload failed', { file, error })
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
} finally {
  await shipper.close()
  process.stdout.write(`logged ${logged}\n`)
}
