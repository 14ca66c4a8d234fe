// A plain receiver in a process of its own: takes uploads, answers 204, and tells over IPC which rows have come.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

/** What the receiver tells its parent. */
export type ReceiverMessage = { readonly url: string } | { readonly rows: number; readonly missing: number }

let seen = new Set<number>()
let rows = 0

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const records = JSON.parse(gunzipSync(Buffer.concat(chunks)).toString()) as readonly {
      readonly Number: number
    }[]
    rows += records.length
    for (const record of records) seen.add(record.Number)
    response.writeHead(204).end()
  })
})

function tell(message: ReceiverMessage): void {
  process.send?.(message)
}

process.on('message', (expected: number) => {
  let missing = 0
  for (let n = 0; n < expected; n += 1) if (!seen.has(n)) missing += 1
  tell({ rows, missing })
  seen = new Set()
  rows = 0
})
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => {
  tell({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
})
