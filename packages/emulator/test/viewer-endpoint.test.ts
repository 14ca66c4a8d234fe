import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { Emulator } from '../src/index.ts'
import { upload } from './upload.ts'
import { callViewer } from './viewer-call.ts'
import { openTail } from './viewer-events.ts'
import type { TailEvent } from './viewer-events.ts'
import { buildViewer } from './viewer-page.ts'

const MAX_GZIPPED_BYTES = 150_000

let emulator: Emulator
let viewer: Awaited<ReturnType<typeof buildViewer>>

beforeAll(async () => {
  viewer = await buildViewer()
  emulator = await startEmulator({
    https: false,
    viewerDirectory: viewer.directory,
    schema: [
      {
        table: 'First_CL',
        stream: 'Custom-First_CL',
        columns: [
          { name: 'TimeGenerated', type: 'datetime' },
          { name: 'Message', type: 'string' },
          { name: 'Big', type: 'long' },
        ],
      },
      {
        table: 'Second_CL',
        stream: 'Custom-Second_CL',
        columns: [{ name: 'TimeGenerated', type: 'datetime' }],
      },
    ],
  })
}, 120_000)

afterAll(async () => {
  await emulator.close()
  await viewer[Symbol.asyncDispose]()
})

beforeEach(() => emulator.clear())

const messages = (from: number, count: number): readonly object[] =>
  Array.from({ length: count }, (_, index) => ({ Message: `m${from + index}` }))

const rowsIn = (events: readonly TailEvent[]): readonly (readonly [number, Record<string, unknown>])[] =>
  events.flatMap((event) =>
    event.name === 'rows' ? (event.data as { rows: [number, Record<string, unknown>][] }).rows : [],
  )
const hasRow = (message: string) => (event: TailEvent) =>
  rowsIn([event]).some(([, row]) => row['Message'] === message)

describe('the page', { timeout: 60_000 }, () => {
  test('is at the root, with a policy that lets nothing but its own files in', async () => {
    const response = await fetch(emulator.viewerUrl)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'self';/)
    expect(response.headers.get('content-security-policy')).not.toMatch(/unsafe|data:|\*/)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(await response.text()).not.toMatch(/<style|style=|<script>|https?:/)
  })

  test('weighs no more than 150 KB gzipped, all its files together', async () => {
    const names = await readdir(viewer.directory)
    const sizes = await Promise.all(
      names.map(async (name) => gzipSync(await readFile(join(viewer.directory, name))).length),
    )
    expect(names).toContain('index.html')
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_GZIPPED_BYTES)
  })

  test('asks for its files by names that change with their content', async () => {
    const html = await (await fetch(emulator.viewerUrl)).text()
    const files = [...html.matchAll(/(?:src|href)="(?<path>[^"]+)"/g)].map(
      (match) => match.groups?.['path'] ?? '',
    )
    expect(files.length).toBeGreaterThanOrEqual(3)
    for (const file of files) {
      const response = await fetch(emulator.url + file)
      expect(response.status, file).toBe(200)
      const immutable = /immutable/.test(response.headers.get('cache-control') ?? '')
      expect(immutable, file).toBe(/-[\w-]{8}\.(?:js|css)$/.test(file))
      await response.body?.cancel()
    }
  })

  test.each([
    '/viewer/none.js',
    '/viewer/..%2Findex.mjs',
    '/viewer/%2Fetc%2Fpasswd',
    '/viewer/',
    '/viewer/api',
  ])('%s is not one of its files', async (path) => {
    const response = await fetch(emulator.url + path)
    expect(response.status).toBe(404)
    await response.body?.cancel()
  })

  test('says how to build it when it has not been built', async () => {
    await using unbuilt = await startEmulator({
      https: false,
      viewerDirectory: join(viewer.directory, 'none'),
    })
    const response = await fetch(unbuilt.viewerUrl)
    expect(response.status).toBe(503)
    expect(await response.text()).toMatch(/@azlogs\/emulator build/)
  })
})

describe('calls', { timeout: 60_000 }, () => {
  test('tell what there is', async () => {
    const { body } = await callViewer(emulator, 'GET', 'about')
    expect(body).toMatchObject({
      url: emulator.url,
      mode: 'azure',
      env: emulator.env,
      tables: [
        { name: 'First_CL', columns: [{ name: 'TimeGenerated' }, { name: 'Message' }, { name: 'Big' }] },
        {},
      ],
    })
  })

  test.each([
    ['without the header', { origin: 'SELF' }],
    ['without an origin', { 'x-azlogs-viewer': '1' }],
    ['from another origin', { 'x-azlogs-viewer': '1', origin: 'http://127.0.0.1:1' }],
    ['from no origin', { 'x-azlogs-viewer': '1', origin: 'null' }],
  ])('that change something are refused %s', async (_name, headers: Record<string, string>) => {
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value === 'SELF' ? emulator.url : value]),
    )
    await upload(emulator, messages(0, 1))
    for (const [method, name] of [
      ['POST', 'clear'],
      ['PUT', 'faults'],
      ['POST', 'query'],
    ] as const) {
      const { status } = await callViewer(
        emulator,
        method,
        name,
        { faults: ['503'], query: 'First_CL' },
        sent,
      )
      expect(status).toBe(403)
    }
    expect(emulator.rows()).toHaveLength(1)
    expect(emulator.faults.active).toEqual([])
  })

  test.each([
    ['DELETE', 'clear', 405],
    ['GET', 'clear', 405],
    ['POST', 'about', 405],
    ['GET', 'constructor', 404],
    ['GET', 'tail?table=None_CL', 404],
    ['GET', 'tail?rows=many', 400],
    ['GET', 'export?table=None_CL', 404],
  ])('%s %s is a %i', async (method, name, status) => {
    expect((await callViewer(emulator, method, name)).status).toBe(status)
  })

  test('clear forgets rows and verdicts', async () => {
    await upload(emulator, messages(0, 1))
    expect((await callViewer(emulator, 'POST', 'clear', {})).status).toBe(200)
    expect([emulator.rows().length, emulator.verdicts().length]).toEqual([0, 0])
  })

  test('change the faults that differ, and let the others go on', async () => {
    await callViewer(emulator, 'PUT', 'faults', { faults: ['503'] })
    expect((await upload(emulator, [{}])).status).toBe(503)
    await callViewer(emulator, 'PUT', 'faults', { faults: ['503', 'latency:5ms'] })
    expect(emulator.faults.active).toMatchObject([
      { text: '503', hits: 1 },
      { text: 'latency:5ms', hits: 0 },
    ])
  })

  test('set faults, and leave them alone when one cannot be understood', async () => {
    const set = await callViewer(emulator, 'PUT', 'faults', { faults: ['503', 'latency:5ms'] })
    expect([set.status, set.body]).toMatchObject([200, { active: [{ hits: 0 }, { hits: 0 }] }])
    expect((await upload(emulator, messages(0, 1))).status).toBe(503)
    const refused = await callViewer(emulator, 'PUT', 'faults', { faults: ['rain'] })
    expect([refused.status, JSON.stringify(refused.body)]).toMatchObject([
      400,
      expect.stringContaining('rain'),
    ])
    expect(emulator.faults.active).toHaveLength(2)
    expect((await callViewer(emulator, 'PUT', 'faults', { faults: 'none' })).status).toBe(400)
    expect((await callViewer(emulator, 'PUT', 'faults', 'no JSON')).status).toBe(400)
    expect((await callViewer(emulator, 'PUT', 'faults', 'x'.repeat(300_000))).status).toBe(413)
  })

  test('run queries, with every digit of a long, and say where a query is wrong', async () => {
    await upload(emulator, '[{ "Message": "a", "Big": 9007199254740993 }, { "Message": "b" }]')
    const headers = { 'x-azlogs-viewer': '1', origin: emulator.url }
    const response = await fetch(`${emulator.url}/viewer/api/query`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query: 'First_CL | project Message, Big | order by Message asc' }),
    })
    expect(await response.text()).toContain('"rows":[["a",9007199254740993],["b",null]]')
    const wrong = await callViewer(emulator, 'POST', 'query', { query: 'First_CL\n| where Mesage == 1' })
    expect([wrong.status, wrong.body]).toMatchObject([
      400,
      { error: { message: expect.stringMatching(/^2:9: .*Mesage/) as string } },
    ])
    expect((await callViewer(emulator, 'POST', 'query', {})).status).toBe(400)
  })

  test('export every row of a table as NDJSON', async () => {
    const all = messages(0, 2_500)
    for (let from = 0; from < all.length; from += 500) await upload(emulator, all.slice(from, from + 500))
    await upload(emulator, '[{ "Message": "last", "Big": 9007199254740993 }]')
    const response = await fetch(`${emulator.url}/viewer/api/export?table=First_CL`)
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="First_CL.ndjson"')
    const lines = (await response.text()).split('\n')
    expect(lines.pop()).toBe('')
    expect(lines.slice(0, -1).map((line) => (JSON.parse(line) as { Message: string }).Message)).toEqual(
      all.map((row) => (row as { Message: string }).Message),
    )
    expect(lines.at(-1)).toContain('"Big":9007199254740993')
  })
})

describe('the tail', { timeout: 60_000 }, () => {
  test('sends what is there and then what comes, in order and once', async () => {
    await upload(emulator, messages(0, 1_700))
    const tail = await openTail(emulator)
    const before = await tail.until(hasRow('m1699'))
    expect(before[0]?.name).toBe('reset')
    await upload(emulator, messages(1_700, 1))
    await upload(emulator, messages(1_701, 2))
    const after = await tail.until(hasRow('m1702'))
    const rows = rowsIn([...before, ...after])
    expect(rows.map(([, row]) => row['Message'])).toEqual(
      messages(0, 1_703).map((row) => (row as { Message: string }).Message),
    )
    expect(rows.map(([id]) => id)).toEqual(rows.map((_row, index) => index + 1))
  })

  test('sends no more of what is there than is asked for', async () => {
    await upload(emulator, messages(0, 30))
    const tail = await openTail(emulator, '?table=First_CL&rows=10')
    const rows = rowsIn(await tail.until(hasRow('m29')))
    expect(rows.map(([, row]) => row['Message'])).toEqual(
      messages(20, 10).map((row) => (row as { Message: string }).Message),
    )
  })

  test('sends verdicts with numbers and the sentences about what is lost', async () => {
    await upload(emulator, [{ Message: 'a', cart: 1 }])
    const tail = await openTail(emulator)
    await tail.until((event) => event.name === 'verdicts')
    await upload(emulator, messages(0, 1))
    const [last] = (await tail.until((event) => event.name === 'verdicts')).slice(-1)
    expect(last?.data).toMatchObject([{ number: 2, status: 204, losses: [], rowsStored: 1 }])
    const first = (await (await openTail(emulator)).until((event) => event.name === 'verdicts')).at(-1)
    expect(first?.data).toMatchObject([{ losses: [expect.stringContaining('"cart"') as string] }, {}])
  })

  test('goes on where a browser was, when it comes back', async () => {
    await upload(emulator, messages(0, 5))
    const first = await openTail(emulator)
    const events = await first.until((event) => event.name === 'verdicts')
    first.close()
    await upload(emulator, messages(5, 2))
    const again = await (
      await openTail(emulator, '', events.at(-1)?.id)
    ).until((event) => event.name === 'verdicts')
    expect(again.map((event) => event.name)).toEqual(['rows', 'verdicts'])
    expect(rowsIn(again).map(([, row]) => row['Message'])).toEqual(['m5', 'm6'])
    expect(again.at(-1)?.data).toMatchObject([{ number: 2 }])
  })

  test('starts anew after a clear, also for a browser that was away', async () => {
    await upload(emulator, messages(0, 5))
    const tail = await openTail(emulator)
    const events = await tail.until((event) => event.name === 'verdicts')
    emulator.clear()
    await upload(emulator, messages(10, 1))
    const after = await tail.until(hasRow('m10'))
    expect(after.map((event) => event.name).slice(-2)).toEqual(['reset', 'rows'])
    const away = await (await openTail(emulator, '', events.at(-1)?.id)).until(hasRow('m10'))
    expect(away[0]?.name).toBe('reset')
    expect(rowsIn(away)).toHaveLength(1)
  })

  test('tells of faults that are set elsewhere', async () => {
    const tail = await openTail(emulator)
    await tail.until((event) => event.name === 'faults')
    emulator.faults.set('503:times=2')
    const set = (await tail.until((event) => event.name === 'faults')).at(-1)
    expect(set?.data).toMatchObject({ active: [{ text: '503:times=2', hits: 0 }] })
    await upload(emulator, messages(0, 1))
    const hit = (await tail.until((event) => event.name === 'faults')).at(-1)
    expect(hit?.data).toMatchObject({ active: [{ hits: 1 }] })
  })

  test('is of one table', async () => {
    const tail = await openTail(emulator, '?table=Second_CL')
    await upload(emulator, messages(0, 1))
    const events = await tail.until((event) => event.name === 'verdicts')
    expect(rowsIn(events)).toEqual([])
  })

  test('ends with the emulator', async () => {
    const other = await startEmulator({ https: false })
    const tail = await openTail(other)
    await tail.until((event) => event.name === 'faults')
    const ended = expect(tail.until(() => false)).rejects.toThrow()
    await other.close()
    await ended
  })
})
