import { gzipSync } from 'node:zlib'

import * as fc from 'fast-check'

/** What a hostile client does on one connection. */
export interface Exchange {
  /** Written one after the other; each is a write of its own. */
  readonly pieces: readonly Buffer[]
  /** How the connection ends: FIN, RST, or left open until all others are done. */
  readonly ending: 'end' | 'reset' | 'leave open'
  /** Never look at the answer. */
  readonly deaf: boolean
}

export interface Target {
  /** Host and port. */
  readonly host: string
  /** Path and query of a correct upload. */
  readonly path: string
  readonly token: string
}

const KILO = 1024
const BOMBS: readonly Buffer[] = [
  // 1,000 : 1, within the limit of inflated bytes and beyond it
  gzipSync(Buffer.alloc(40 * KILO * KILO, ' ')),
  gzipSync(Buffer.alloc(60 * KILO * KILO, 'x')),
  gzipSync(`[${'{},'.repeat(900_000)}{}]`),
  gzipSync(`[${'{},'.repeat(10_000_000)}{}]`),
  gzipSync('['.repeat(8_000_000)),
  gzipSync(`{"a":`.repeat(2_000_000)),
  gzipSync(`[{${Array.from({ length: 60_000 }, (_, index) => `"c${index}":1`).join(',')}}]`),
  gzipSync(`[{"Message":"${'m'.repeat(20_000_000)}"}]`),
  gzipSync(`[{"ProcessId":${'9'.repeat(1_000_000)}}]`),
]
const BODIES: readonly Buffer[] = [
  ...BOMBS,
  ...[
    '',
    '[]',
    '[{"Message":"fine"}]',
    '[{"Message":"a"},3,null,[]]',
    '[{"__proto__":{"a":1},"constructor":2}]',
    '{"Message":"no array"}',
    '[{"Message":"\\ud800"}]',
    'null',
    '[1e999999]',
    '\uFEFF[]',
    '[{"TimeGenerated":"+999999-01-01T00:00:00Z"}]',
    `[${'['.repeat(100_000)}`,
  ].map((text) => Buffer.from(text)),
  Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 255]),
  gzipSync('[{}]').subarray(0, 15),
  Buffer.concat([gzipSync('[{}]'), gzipSync('[{}]'), Buffer.from('trailing')]),
]

const line = (text: string): Buffer => Buffer.from(`${text}\r\n`, 'latin1')
const junk = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
const word = fc.string({ unit: 'binary-ascii', maxLength: 40 })

/** Requests that are wrong in every part, in every way that a generator could think of. */
export function exchangeArbitrary({ host, path, token }: Target): fc.Arbitrary<Exchange> {
  const method = fc.oneof(
    { weight: 6, arbitrary: fc.constant('POST') },
    fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'CONNECT', 'TRACE', 'PUT', 'DELETE', 'PRI', 'post', ''),
    word,
  )
  const target = fc.oneof(
    { weight: 6, arbitrary: fc.constant(path) },
    fc.constantFrom(
      '/',
      '*',
      '//',
      '/%',
      '/%00',
      '/../../etc/passwd',
      `http://${host}${path}`,
      'http://evil.example/',
      '/msi/token',
      '/viewer/api/tail?rows=-1',
      '/viewer/api/export?table=%27',
      '/viewer/../package.json',
      '/v1/workspaces/x/query',
      '/tenant/oauth2/v2.0/token',
      `/${'a'.repeat(20_000)}`,
      `${path}&${'x=1&'.repeat(3_000)}`,
    ),
    word.map((text) => `/${text}`),
  )
  const version = fc.oneof(
    { weight: 9, arbitrary: fc.constant('HTTP/1.1') },
    fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'HTTP/9', ''),
  )
  const framing = fc.constantFrom(
    'Content-Length: -1',
    'Content-Length: 0x10',
    'Content-Length: +5',
    'Content-Length: 9007199254740993',
    'Content-Length: 5\r\nContent-Length: 6',
    'Content-Length: 5, 5',
    'Content-Length: 5\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
    'Transfer-Encoding: xchunked',
    'Transfer-Encoding : chunked',
    'Transfer-Encoding: gzip, chunked',
    'Transfer-Encoding:\tchunked',
    'transfer-encoding: chunked, chunked',
  )
  const oddHeader = fc.oneof(
    framing,
    fc.constantFrom(
      'Expect: 100-continue',
      'Expect: nothing',
      'Connection: Upgrade\r\nUpgrade: websocket',
      'Connection: close',
      'Host: evil.example',
      'Host: ',
      'Origin: https://evil.example',
      'Origin: null',
      'Authorization: Bearer a.b.c',
      'Content-Encoding: br',
      'Content-Encoding: gzip, gzip',
      'Content-Type: text/plain',
      'Folded: a\r\n b',
      'No colon',
      'Nul: \0',
      'Cr: a\rb',
      'x-ms-client-request-id: \u00e9',
      'X-Azlogs-Viewer: 1',
      'Last-Event-ID: x:y:z',
      'x: y\r\n'.repeat(3_000).trimEnd(),
      `Cookie: ${'c'.repeat(15_000)}`,
    ),
    word.map((text) => `X: ${text}`),
  )
  const body = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...BODIES) }, junk)

  const request = fc
    .record({
      method,
      target,
      version,
      odd: fc.array(oddHeader, { maxLength: 3 }),
      body,
      framed: fc.constantFrom(
        'length',
        'length',
        'length',
        'chunks',
        'wrong chunks',
        'none',
        'short',
        'long',
      ),
      gzip: fc.boolean(),
    })
    .map(({ method, target, version, odd, body, framed, gzip }) => {
      const isGzip = body[0] === 0x1f || gzip
      const declared =
        framed === 'short' ? body.length + 9 : framed === 'long' ? Math.max(0, body.length - 9) : body.length
      const isChunked = framed === 'chunks' || framed === 'wrong chunks'
      const sent = isChunked ? chunked(body, framed === 'wrong chunks') : body
      return Buffer.concat([
        line(`${method} ${target} ${version}`),
        line(`Host: ${host}`),
        line(`Authorization: Bearer ${token}`),
        line('Content-Type: application/json'),
        ...(isGzip ? [line('Content-Encoding: gzip')] : []),
        ...(isChunked ? [line('Transfer-Encoding: chunked')] : []),
        ...(framed === 'none' || isChunked ? [] : [line(`Content-Length: ${declared}`)]),
        ...odd.map(line),
        line(''),
        sent,
      ])
    })

  return fc
    .record({
      bytes: fc.oneof(
        { weight: 8, arbitrary: request },
        {
          weight: 2,
          arbitrary: fc.array(request, { maxLength: 20 }).map((requests) => Buffer.concat(requests)),
        },
        { weight: 1, arbitrary: fc.constant(pipelined(host)) },
        { weight: 2, arbitrary: junk },
      ),
      cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }),
      keep: fc.double({ min: 0.1, max: 1.5, noNaN: true }),
      drip: fc.integer({ min: 0, max: 20 }),
      ending: fc.constantFrom('end', 'end', 'end', 'reset', 'leave open'),
      deaf: fc.boolean(),
    })
    .map(({ bytes, cuts, keep, drip, ending, deaf }) => ({
      pieces:
        drip === 0 ? bytewise(bytes.subarray(0, 600)) : split(bytes.subarray(0, bytes.length * keep), cuts),
      ending,
      deaf,
    }))
}

/** Two thousand requests in one go. */
function pipelined(host: string): Buffer {
  return Buffer.from(`GET /msi/token HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(2_000))
}

function chunked(body: Buffer, wrong: boolean): Buffer {
  const size = wrong
    ? ['zz', '-5', 'ffffffffffffffffff', `5;${'e'.repeat(20_000)}`, ''][body.length % 5]
    : body.length.toString(16)
  const ones = body.length > 0 && body.length < 2_000 && !wrong
  return ones
    ? Buffer.concat([
        ...[...body].flatMap((byte) => [Buffer.from('1\r\n'), Buffer.of(byte), line('')]),
        line('0'),
        line(''),
      ])
    : Buffer.concat([line(size ?? ''), body, line(''), line('0'), line('Trailer: x'), line('')])
}

function bytewise(bytes: Buffer): readonly Buffer[] {
  return Array.from(bytes, (byte) => Buffer.of(byte))
}

function split(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const places = [...new Set(cuts.map((cut) => Math.floor(cut * bytes.length)))].toSorted((a, b) => a - b)
  return [...places, bytes.length].map((end, index) => bytes.subarray(places[index - 1] ?? 0, end))
}
