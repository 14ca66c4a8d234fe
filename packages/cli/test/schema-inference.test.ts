import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createColumnNames } from '../src/schema/column-name.ts'
import { createSchemaInference } from '../src/schema/proposal.ts'
import type { ProposalOptions, ProposedColumn } from '../src/schema/proposal.ts'

type Properties = Readonly<Record<string, unknown>>

function propose(rows: readonly Properties[], options: ProposalOptions = {}): readonly ProposedColumn[] {
  return proposalOf(rows, options).columns.filter(({ path }) => path !== undefined)
}

function proposalOf(
  rows: readonly Properties[],
  options: ProposalOptions = {},
): ReturnType<ReturnType<typeof createSchemaInference>['propose']> {
  const inference = createSchemaInference()
  for (const row of rows) inference.add({ TimeGenerated: '2026-01-01T00:00:00Z', Properties: row })
  return inference.propose(options)
}

function typeOf(name: string, ...values: readonly unknown[]): string | undefined {
  return propose(values.map((value) => ({ [name]: value })))[0]?.type
}

describe('types', () => {
  test.for<[name: string, values: readonly unknown[], type: string]>([
    ['paid', [true, false, null], 'boolean'],
    ['paid', ['true', '0'], 'string'],
    ['at', ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.123456789+02:00', '2026-01-01T00:00Z'], 'datetime'],
    ['at', ['2026-01-01T00:00:00Z', 'yesterday'], 'string'],
    ['at', ['2026-13-01T00:00:00Z'], 'string'],
    ['at', ['2026-01-01 00:00:00'], 'string'],
    ['at', ['01/02/2026'], 'string'],
    ['day', ['2026-01-01'], 'string'],
    ['timestamp', [1_700_000_000_000], 'long'],
    ['statusCode', [200], 'int'],
    ['status_code', [200], 'int'],
    ['severityNumber', [9], 'int'],
    ['port', [65_535], 'int'],
    ['port', [2 ** 31], 'long'],
    ['pid', [-(2 ** 31), 2 ** 31 - 1], 'int'],
    ['orderId', [1, 2, 3], 'long'],
    ['orderId', [1, 2.5], 'real'],
    ['durationMs', [1, 2], 'real'],
    ['cpu', [1], 'real'],
    ['responseTime', [7], 'real'],
    ['big', [2 ** 53], 'string'],
    ['guid', ['6f9619ff-8b86-d011-b42d-00cf4fc964ff'], 'string'],
    ['mix', [1, 'a'], 'string'],
    ['mix', [true, 1], 'string'],
    ['mix', [1, { a: 1 }], 'dynamic'],
    ['mix', ['a', [1]], 'dynamic'],
    ['list', [[1, 2]], 'dynamic'],
    ['json', ['{"a":1}', '[1]'], 'string'],
  ])('%s: %j is %s', ([name, values, type]) => {
    expect(typeOf(name, ...values)).toBe(type)
  })

  test('an integer whose digits a number cannot hold is text', () => {
    expect(typeOf('big', 12_345_678_901_234_567_890n)).toBe('string')
  })

  test('dates without a time are datetimes only when asked for', () => {
    expect(propose([{ day: '2026-01-01' }], { dates: true })[0]).toMatchObject({ type: 'datetime' })
  })

  test('a value that was never there has no column, and that is said', () => {
    const { columns, warnings } = proposalOf([{ gone: null }])
    expect(columns.some(({ path }) => path === 'gone')).toBe(false)
    expect(warnings).toEqual([expect.stringMatching(/^gone is always null/)])
  })

  test('long text brings a warning about the 64 KB at which Azure cuts', () => {
    expect(propose([{ body: 'x'.repeat(40_000) }])[0]?.warnings).toEqual([expect.stringContaining('64 KB')])
  })

  test('JSON in text brings the advice to log the object', () => {
    expect(propose([{ body: '{"a":1}' }])[0]?.warnings).toEqual([expect.stringContaining('log the object')])
  })

  test('a key that looks like a secret brings a warning', () => {
    for (const key of ['password', 'accessToken', 'api_key', 'Authorization']) {
      expect(propose([{ [key]: 'x' }])[0]?.warnings, key).toEqual([expect.stringContaining('secret')])
    }
    expect(propose([{ tokenCount: 1 }])[0]?.warnings).toEqual([])
  })
})

describe('shapes', () => {
  const paths = (columns: readonly ProposedColumn[]): readonly (string | undefined)[] =>
    columns.filter(({ promoted }) => promoted).map(({ path }) => path)

  test('a small stable object becomes a column for each leaf', () => {
    expect(paths(propose([{ cart: { items: 1, price: { net: 1, tax: 2 } } }]))).toEqual([
      'cart.items',
      'cart.price.net',
      'cart.price.tax',
    ])
  })

  test('an object with more than eight leaves stays whole', () => {
    const wide = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`k${index}`, index]))
    expect(propose([{ wide }])).toMatchObject([{ path: 'wide', type: 'dynamic', promoted: true }])
  })

  test('an object whose keys keep growing stays whole', () => {
    const rows = Array.from({ length: 60 }, (_, index) => ({ byUser: { [`u${index}`]: 1 } }))
    expect(propose(rows)).toMatchObject([{ path: 'byUser', type: 'dynamic' }])
  })

  test('an object with a rare leaf stays whole', () => {
    const rows = [...Array.from({ length: 9 }, () => ({ a: { b: 1 } })), { a: { b: 1, c: 2 } }]
    expect(propose(rows)).toMatchObject([{ path: 'a', type: 'dynamic' }])
  })

  test('of a request the members that people query get columns, its headers stay', () => {
    const req = { id: 'r', method: 'GET', url: '/', headers: { a: 'b' }, query: { q: 1 } }
    expect(paths(propose([{ req, res: { statusCode: 200, headers: {} } }]))).toEqual([
      'req.id',
      'req.method',
      'req.url',
      'res.statusCode',
    ])
  })

  test('a key with a dot cannot be named by a path and stays, and that is said', () => {
    const { columns, warnings } = proposalOf([{ 'http.method': 'GET', '': 1 }])
    expect(columns.some(({ path }) => path !== undefined)).toBe(false)
    expect(warnings).toHaveLength(2)
  })
})

describe('what gets a column', () => {
  const rows = Array.from({ length: 200 }, (_, index) => ({
    often: index,
    ...(index === 0 ? { once: 1 } : {}),
  }))

  test('a key in fewer than one row of a hundred stays in Properties', () => {
    expect(propose(rows)).toMatchObject([
      { path: 'often', promoted: true, seen: 1 },
      { path: 'once', promoted: false, seen: 0.005 },
    ])
  })

  test('the user has the last word', () => {
    expect(propose(rows, { promote: ['once'], demote: ['often'] })).toMatchObject([
      { path: 'often', promoted: false },
      { path: 'once', promoted: true },
    ])
  })

  test('there are no more than maxColumns, the most frequent first', () => {
    const many = Array.from({ length: 100 }, (_, row) =>
      Object.fromEntries(
        Array.from({ length: row + 1 }, (_, key) => [`k${String(key).padStart(3, '0')}`, key]),
      ),
    )
    const promoted = propose(many, { maxColumns: 20 }).filter((column) => column.promoted)
    expect(promoted.map(({ path }) => path)).toEqual(['k000', 'k001', 'k002', 'k003', 'k004'])
  })

  test('a settled column keeps its name and its type, and a change of type is said', () => {
    const settled = [{ name: 'Orders', type: 'long', path: 'orderId' }] as const
    expect(propose([{ orderId: 1.5 }], { settled })).toMatchObject([
      {
        name: 'Orders',
        type: 'long',
        promoted: true,
        warnings: [expect.stringContaining('looks like real')],
      },
    ])
  })

  test('the order of the rows makes no difference', () => {
    const sample = [{ b: 1, a: 'x' }, { c: true }, { a: 'y', d: { e: 1 } }]
    expect(propose(sample.toReversed()).map(({ name, type }) => [name, type])).toEqual(
      propose(sample).map(({ name, type }) => [name, type]),
    )
  })
})

describe('names', () => {
  test.for<[path: string, name: string]>([
    ['res.statusCode', 'ResStatusCode'],
    ['trace_flags', 'TraceFlags'],
    ['x-request-id', 'XRequestId'],
    ['größe', 'Groe'],
    ['café', 'Cafe'],
    ['日本', 'F_'],
    ['2fa', 'F_2fa'],
    ['x', 'X_'],
    ['id', 'RecordId_2'],
    ['type', 'EventType'],
    ['title', 'TitleText'],
    ['tenantId', 'AppTenantId'],
    ['uniqueId', 'RecordUniqueId'],
    ['resourceId', 'AppResourceId'],
    ['level', 'Level_2'],
  ])('%s is %s', ([path, name]) => {
    expect(createColumnNames().nameOf(path.split('.'))).toBe(name)
  })

  test('the style keep changes as little as is needed', () => {
    expect(createColumnNames('keep').nameOf(['res', 'statusCode'])).toBe('res_statusCode')
  })

  test('long names are cut, and stay different', () => {
    const names = createColumnNames()
    const long = 'a'.repeat(60)
    const [one, two] = [names.nameOf([`${long}1`]), names.nameOf([`${long}2`])]
    expect(one).toMatch(/^A{1}a{37}_[0-9a-f]{6}$/)
    expect(two).not.toBe(one)
  })

  test('whatever the keys, every name is one that Azure takes, and no two differ by case only', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.string(), { minLength: 1, maxLength: 3 }), { maxLength: 40 }),
        (paths) => {
          const names = createColumnNames()
          const given = paths.map((path) => names.nameOf(path))
          for (const name of given) expect(name).toMatch(/^[A-Za-z][A-Za-z0-9_]{1,44}$/)
          expect(new Set(given.map((name) => name.toLowerCase())).size).toBe(given.length)
        },
      ),
    )
  })
})
