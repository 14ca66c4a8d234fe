import { expect, test } from 'vitest'

import { createAsker } from '../src/query/ask.ts'
import { asTable } from '../src/query/format.ts'
import type { QueryPlace } from '../src/query/place.ts'
import { closedPort, httpServer } from './surroundings.ts'

function placeAt(url: string): QueryPlace {
  return {
    endpoint: `${url}/v1`,
    scope: 's',
    workspaceId: '00000000-0000-0000-0000-000000000000',
    isEmulator: true,
  }
}

const credential = { getToken: async () => ({ token: 'x', expiresOnTimestamp: Date.now() + 3_600_000 }) }

/** What is made of an answer of the query API. */
async function asked(status: number, body: string): Promise<object> {
  const url = await httpServer((request, response) => {
    request
      .resume()
      .once('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end(body))
  })
  return createAsker(placeAt(url), credential).ask('AppLogs_CL', 'PT1H')
}

test('rows that are none are empty, and a table is printed all the same', async () => {
  const body = JSON.stringify({
    tables: [
      { name: 'PrimaryResult', columns: [{ name: 'Message', type: 'string' }], rows: [['x', 'more'], []] },
    ],
  })
  const answer = await asked(200, body)
  expect(answer).toMatchObject({ rows: [['x', 'more'], []], partialError: undefined })
  expect(asTable(answer as never, true)).toEqual(['Message', '───────', 'x        more', ''])
})

test('an answer without a table has no columns', async () => {
  expect(await asked(200, '{"tables":[]}')).toEqual({ columns: [], rows: [], partialError: undefined })
})

test.each([
  [400, '{"error":{"innererror":{"details":[{"message":"no such column"}]}}}', 'AZL6002', 'no such column'],
  [400, '{"error":{}}', 'AZL6002', 'no reason given'],
  [404, '{}', 'AZL6003', '404 from'],
  [418, '{"error":{"message":"a teapot"}}', 'AZL6004', '418 from'],
])('%i with %s is %s: %s', async (status, body, code, message) => {
  await expect(asked(status, body)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message) as string,
    remedy: expect.any(String) as string,
  })
})

test('no emulator there is told as no answer', async () => {
  const place = placeAt(`http://127.0.0.1:${await closedPort()}`)
  await expect(createAsker(place, credential).ask('x', 'PT1H')).rejects.toMatchObject({
    code: 'AZL6004',
    message: expect.stringMatching(/^No answer from /) as string,
    remedy: 'azlogs dev   # starts the emulator',
  })
}, 120_000)

test('a workspace refuses in its own words, with what helps there', async () => {
  // Without TLS the client itself refuses to bring a token to a workspace.
  const place = { ...placeAt(`http://127.0.0.1:${await closedPort()}`), isEmulator: false }
  await expect(createAsker(place, credential).ask('x', 'PT1H')).rejects.toMatchObject({
    code: 'AZL6004',
    remedy: 'Try again; https://status.azure.com',
  })
})
