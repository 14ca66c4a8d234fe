import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, onTestFinished, test } from 'vitest'

import { spoolPath } from './spooling.ts'

const CANARY = 'canary7f3a91c5e2d84b06'

// A token by its shape; what a careless log would show is any part of it.
const TOKEN = `eyJhbGciOiJub25lIn0.${Buffer.from(`{"aud":"${CANARY}"}`).toString('base64url')}.${CANARY}`
const PARTS = [CANARY, TOKEN, TOKEN.split('.')[1] ?? '']

type Answer = (request: IncomingMessage, response: ServerResponse) => void

const secret = (request: IncomingMessage): string => request.headers.authorization ?? ''
const bare = (request: IncomingMessage): string => secret(request).replace('Bearer ', '')

/** A service and proxies that refuse in every way, and show what they were sent. */
const ANSWERS: readonly Answer[] = [
  (_request, response) => response.writeHead(401).end(),
  (request, response) => response.writeHead(401).end(`bad token ${bare(request)}`),
  (request, response) =>
    response.writeHead(403).end(JSON.stringify({ error: { code: 'No', message: secret(request) } })),
  (request, response) => response.writeHead(400).end(`You sent ${secret(request)} or ${bare(request)}`),
  (request, response) => response.writeHead(400, { 'x-ms-error-code': bare(request) }).end(),
  (request, response) => response.writeHead(502).end(`<pre>${bare(request)}</pre>`),
  (request, response) =>
    response.writeHead(503, { 'retry-after-ms': '1' }).end('x'.repeat(2000) + bare(request)),
  (request, response) =>
    response.writeHead(307, { location: `https://127.0.0.1:9/?token=${bare(request)}` }).end(),
  (request) => request.socket.resetAndDestroy(),
  (_request, response) => response.writeHead(204).end(),
]

/** Refuses what comes to this stream, and shows the token twice. */
const ECHO_STREAM = 'Custom-Echo_CL'
const echo: Answer = (request, response) =>
  response.writeHead(400, { 'x-ms-error-code': bare(request) }).end(`${secret(request)} or ${bare(request)}`)

test('in a whole run at debug level, the token is in no output, no error, no object and no file', async () => {
  const directory = spoolPath()
  let requests = 0
  let seen = 0
  const server = createServer((request, response) => {
    if (secret(request).includes(CANARY)) seen += 1
    const answer = request.url?.includes(ECHO_STREAM) === true ? echo : ANSWERS[requests++ % ANSWERS.length]
    request.resume().on('end', () => answer?.(request, response))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const child = spawn(
    process.execPath,
    ['--conditions=dev', fileURLToPath(new URL('fixtures/verbose.ts', import.meta.url))],
    {
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        AZURE_LOG_LEVEL: 'verbose',
        DEBUG: 'azure*',
        ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        RULE_ID: 'dcr-0123456789abcdef0123456789abcdef',
        STREAM: 'Custom-AppLogs_CL',
        ECHO_STREAM,
        SPOOL: directory,
        TOKEN,
      },
    },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
  expect(output).toContain('done\n')
  // The run did log, did fail, and did send the token where it belongs.
  expect(output).toContain('azure:azlogs:verbose')
  expect(output).toMatch(/azure:core-rest-pipeline/)
  for (const code of ['AZLOGS_UNAUTHORIZED', 'AZLOGS_REJECTED', 'AZLOGS_NETWORK'])
    expect(output).toContain(code)
  expect(seen).toBeGreaterThan(10)
  for (const part of PARTS) expect(output.split(part)).toHaveLength(1)
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  const written = files
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
    .join('\n')
  // A record that waits, and one that was refused, with what the service said.
  expect(files.map(({ name }) => name)).toEqual(
    expect.arrayContaining([expect.stringMatching(/\.spool$/), expect.stringMatching(/\.ndjson$/)]),
  )
  expect(written).toContain('"statusCode":400')
  expect(written.match(/"Message":"kept"/g)).toHaveLength(2)
  for (const part of PARTS) expect(written.split(part)).toHaveLength(1)
}, 30_000)
