import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

import { expect, test, vi } from 'vitest'

import { runCli, runHere } from './run-cli.ts'
import { httpServer, identityEnv, tokenWith } from './surroundings.ts'

// Each test starts processes, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 })

/** An answer in the form of the query API. https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format */
const ANSWER = {
  tables: [
    {
      name: 'PrimaryResult',
      columns: [
        { name: 'TimeGenerated', type: 'datetime' },
        { name: 'Message', type: 'string' },
        { name: 'Count', type: 'long' },
        { name: 'Properties', type: 'dynamic' },
      ],
      rows: [
        ['2026-11-23T22:40:00.1234567Z', 'say "hi",\nworld', '@@long@@', '{"a":1}'],
        ['2026-11-23T22:40:01Z', '\u001B[31mred\u0007', 7, null],
      ],
    },
  ],
}

/** A server of the query API: what it was asked, and the variables to reach it. */
async function queryApi(status: number, body: object) {
  const asked: { readonly url: string | undefined; readonly body: unknown }[] = []
  const answer = JSON.stringify(body).replace('"@@long@@"', '9007199254740993')
  const endpoint = await httpServer((request: IncomingMessage, response) => {
    void text(request).then((question) => {
      asked.push({ url: request.url, body: JSON.parse(question) as unknown })
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(answer)
    })
  })
  return { asked, env: { AZURE_DCE_ENDPOINT: endpoint, ...(await identityEnv(tokenWith())) } }
}

test('a table has all digits, numbers to the right, and nothing that moves the cursor', async () => {
  const { env, asked } = await queryApi(200, ANSWER)
  const ran = await runCli(['query', 'AppLogs_CL | take 2', '--since', '30m'], { env })
  expect(ran).toMatchObject({ code: 0, stderr: '2 rows of the last 30m\n' })
  expect(ran.stdout.split('\n')).toEqual([
    'TimeGenerated                 Message                       Count  Properties',
    '────────────────────────────  ─────────────────  ────────────────  ──────────',
    '2026-11-23T22:40:00.1234567Z  say "hi", ⏎ world  9007199254740993  {"a":1}',
    '2026-11-23T22:40:01Z          red                               7',
    '',
  ])
  expect(asked).toEqual([
    {
      url: '/v1/workspaces/00000000-0000-0000-0000-000000000000/query',
      body: expect.objectContaining({ query: 'AppLogs_CL | take 2', timespan: 'PT30M' }) as unknown,
    },
  ])
})

test('JSON has an object for each row, CSV quotes what it must, and stdin is a query too', async () => {
  const { env } = await queryApi(200, ANSWER)
  const json = await runCli(['query', '-', '--json'], { env, input: 'AppLogs_CL\n' })
  expect(json.stdout).toContain('"Count":9007199254740993')
  expect(JSON.parse(json.stdout)).toMatchObject({ rows: [{ Message: 'say "hi",\nworld' }, { Count: 7 }] })
  const csv = await runCli(['query', 'AppLogs_CL', '--format', 'csv'], { env })
  expect(csv.stdout).toContain(
    '2026-11-23T22:40:00.1234567Z,"say ""hi"",\nworld",9007199254740993,"{""a"":1}"\r\n',
  )
})

test('what the service says about a query is told from its innermost part', async () => {
  const { env } = await queryApi(400, {
    error: {
      code: 'BadArgumentError',
      message: 'The request had some invalid properties',
      innererror: {
        code: 'SemanticError',
        message: 'A semantic error occurred.',
        innererror: { code: 'SEM0100', message: "'where' operator: Failed to resolve column named 'Levle'" },
      },
    },
  })
  const ran = await runCli(['query', 'AppLogs_CL | where Levle == 1'], { env })
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain(
    "error AZL6002 The query is refused: 'where' operator: Failed to resolve column named 'Levle'",
  )
})

test('rows of an answer that is not complete are printed, with exit code 1', async () => {
  const { env } = await queryApi(200, {
    ...ANSWER,
    error: {
      code: 'PartialError',
      message: 'There were some errors',
      details: [{ message: 'The result is too large' }],
    },
  })
  const ran = await runCli(['query', 'AppLogs_CL'], { env })
  expect(ran.code).toBe(1)
  expect(ran.stdout).toContain('say "hi"')
  expect(ran.stderr).toContain('error AZL6004 Rows are missing: The result is too large')
})

test('a refusal says which role is missing; no token is printed', async () => {
  const { env } = await queryApi(403, {
    error: {
      code: 'InsufficientAccessError',
      message: `The provided credentials have insufficient access: Bearer ${tokenWith()}`,
    },
  })
  const ran = await runCli(['query', 'AppLogs_CL', '--json'], { env })
  expect(ran.code).toBe(1)
  expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'AZL6003' } })
  expect(ran.stdout + ran.stderr).not.toMatch(/eyJ/)
})

test.for([
  [['query', 'T'], 'error AZL6001 Neither an emulator nor a workspace is given.'],
  [['query', 'T', '--workspace', 'my-workspace'], 'The workspace is "my-workspace", which is no GUID.'],
  [['query', 'T', '--since', 'yesterday'], '--since is "yesterday".'],
  [['query', ' '], 'The query is empty.'],
] as const)('%j is asked wrongly', async ([args, expected]) => {
  const { code, stderr } = await runHere(args)
  expect(stderr).toContain(expected)
  expect(code).toBe(2)
})
