import type { TokenCredential } from '@azure/core-auth'
import { LogsQueryClient } from '@azure/monitor-query-logs'

import { CliError, messageOf } from '../cli-error.ts'
import { parseLine } from '../lines/parse-line.ts'
import type { QueryPlace } from './place.ts'

/** The first table of an answer. Values are as they came: a datetime is text with all its digits, a long may be a bigint. */
export interface Answer {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly unknown[])[]
  /** Why rows are missing, when some are. */
  readonly partialError: string | undefined
}

/** Asks queries, with the official client. */
export interface Asker {
  /**
   * @param duration how far back, in ISO 8601.
   * @throws CliError `AZL6002`, `AZL6003` or `AZL6004`.
   */
  ask(kql: string, duration: string): Promise<Answer>
}

export function createAsker(place: QueryPlace, credential: TokenCredential): Asker {
  const client = new LogsQueryClient(credential, {
    endpoint: place.endpoint,
    credentials: { scopes: [place.scope] },
    allowInsecureConnection: place.isEmulator,
  })
  if (place.isEmulator) {
    // The client’s own policy refuses http, on this machine too.
    client.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' })
    client.pipeline.addPolicy({
      name: 'azlogsLoopbackToken',
      async sendRequest(request, next) {
        const token = await credential.getToken(place.scope)
        request.headers.set('Authorization', `Bearer ${token?.token}`)
        return next(request)
      },
    })
  }
  // The client makes a Date of each datetime, and so cuts off four of its seven digits: the answer itself is read.
  let body = ''
  let status = 0
  client.pipeline.addPolicy({
    name: 'azlogsKeepAnswer',
    async sendRequest(request, next) {
      const response = await next(request)
      body = String(response.bodyAsText)
      status = response.status
      return response
    },
  })
  return {
    async ask(kql, duration) {
      body = ''
      status = 0
      try {
        await client.queryWorkspace(place.workspaceId, kql, { duration })
      } catch (error) {
        throw failureOf(status, body, messageOf(error), place)
      }
      const answer = parseLine(body)
      const [table] = listAt(answer, 'tables')
      const partial = memberOf(answer, 'error')
      return {
        columns: listAt(table, 'columns').map((column) => ({
          name: String(memberOf(column, 'name')),
          type: String(memberOf(column, 'type')),
        })),
        rows: listAt(table, 'rows').map((row) => (Array.isArray(row) ? (row as readonly unknown[]) : [])),
        partialError: partial === undefined ? undefined : innermost(partial),
      }
    },
  }
}

function failureOf(status: number, body: string, message: string, place: QueryPlace): CliError {
  const error = memberOf(parseLine(body), 'error')
  const said = error === undefined ? message : innermost(error)
  if (status === 400) {
    return new CliError('AZL6002', `The query is refused: ${said}`, {
      remedy: place.isEmulator
        ? 'Correct the query; what the emulator does not know yet may work in Azure.'
        : 'Correct the query; the tables of a workspace: azlogs query "search * | distinct $table"',
    })
  }
  if (status === 401 || status === 403 || status === 404) {
    return new CliError('AZL6003', `${status} from ${place.endpoint}: ${said}`, {
      remedy: place.isEmulator
        ? 'azlogs dev   # a newer emulator: this one does not answer queries'
        : 'az role assignment create --assignee OBJECT_ID --role "Log Analytics Reader" --scope RESOURCE_ID_OF_THE_WORKSPACE',
    })
  }
  return new CliError('AZL6004', `${status === 0 ? 'No answer' : status} from ${place.endpoint}: ${said}`, {
    remedy: place.isEmulator ? 'azlogs dev   # starts the emulator' : 'Try again; https://status.azure.com',
  })
}

/** What an error of the query API says in its innermost part: there it is about the query. */
function innermost(error: unknown): string {
  const inner = memberOf(error, 'innererror')
  const [detail] = listAt(error, 'details')
  if (inner !== undefined) return innermost(inner)
  if (detail !== undefined) return innermost(detail)
  const message = memberOf(error, 'message')
  return typeof message === 'string' ? message : 'no reason given'
}

function memberOf(owner: unknown, name: string): unknown {
  return typeof owner === 'object' && owner !== null ? Reflect.get(owner, name) : undefined
}

function listAt(owner: unknown, name: string): readonly unknown[] {
  const value = memberOf(owner, name)
  return Array.isArray(value) ? value : []
}
