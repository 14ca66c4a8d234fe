import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** What the rows of the file have in their column `Logger`. */
export const FILE_LOGGER = 'web-access'

const PAGES = [
  '/',
  '/search?q=desk+lamp',
  '/items/1182',
  '/items/407',
  '/cart',
  '/checkout',
  '/assets/app.js',
]
const AGENTS = ['Mozilla/5.0 (X11; Linux x86_64)', 'Mozilla/5.0 (Macintosh)', 'curl/8.14.1', 'Googlebot/2.1']
const STATUSES = [200, 200, 200, 200, 200, 304, 302, 404, 500]

/** Writes the access log of the past hour as NDJSON, in the columns of the default table. */
export async function writeLogFile(file: string, lineCount: number): Promise<void> {
  await pipeline(Readable.from(lines(lineCount)), createWriteStream(file))
}

function* lines(count: number): Generator<string> {
  const hourAgoMs = Date.now() - 3_600_000
  for (let sequence = 1; sequence <= count; sequence += 1) {
    const method = Math.random() < 0.9 ? 'GET' : 'POST'
    const url = pick(PAGES)
    const status = pick(STATUSES)
    yield `${JSON.stringify({
      TimeGenerated: new Date(hourAgoMs + (3_600_000 * sequence) / count).toISOString(),
      Level: status === 500 ? 'error' : 'info',
      SeverityNumber: status === 500 ? 17 : 9,
      Message: `${method} ${url} ${status}`,
      Logger: FILE_LOGGER,
      HostName: `web-${1 + Math.floor(Math.random() * 8)}`,
      RecordId: `${FILE_LOGGER}-${sequence}`,
      Properties: {
        sequence,
        method,
        url,
        status,
        bytes: Math.floor(Math.random() * 60_000),
        durationMs: Math.round(Math.random() * 90_000) / 1000,
        client: `203.0.113.${1 + Math.floor(Math.random() * 250)}`,
        userAgent: pick(AGENTS),
      },
    })}\n`
  }
}

function pick<T>(values: readonly T[]): T {
  return values[Math.floor(Math.random() * values.length)] as T
}
