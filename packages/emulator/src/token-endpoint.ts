import type { IncomingHttpHeaders } from 'node:http'

import type { Answer } from './answer.ts'
import { createHistory } from './history.ts'
import type { Route } from './route.ts'
import { createScript, scriptedAnswer } from './script.ts'
import type { ScriptedAnswer } from './script.ts'
import type { Reply, ServedRequest } from './server.ts'
import { answerClientCredentials, answerManagedIdentity } from './token-answers.ts'
import type { TokenAuthority } from './token.ts'

/** One request for a token. */
export interface RecordedTokenRequest {
  /** In ISO 8601. */
  readonly receivedAt: string
  /** Which of the two endpoints it came to. */
  readonly kind: 'managed-identity' | 'client-credentials'
  readonly headers: IncomingHttpHeaders
  /** The resource, or the scope, that was asked for. */
  readonly resource?: string
  /** Of a user-assigned identity, or of the client. */
  readonly clientId?: string
  /** 0 when the connection was reset instead of an answer. */
  readonly status: number
}

type TokenRoute = Extract<Route, { readonly kind: 'managedIdentity' | 'clientCredentials' }>

export interface TokenEndpoint {
  readonly handle: (request: ServedRequest, route: TokenRoute) => Promise<Reply>
  readonly answerNext: (answers: readonly ScriptedAnswer[]) => void
  readonly requests: () => readonly RecordedTokenRequest[]
  readonly clear: () => void
}

const BODY_LIMIT_BYTES = 64 * 1024

export function createTokenEndpoint(
  authority: TokenAuthority,
  pause: (delayMs: number) => Promise<void>,
): TokenEndpoint {
  const requests = createHistory<RecordedTokenRequest>()
  const script = createScript()

  return {
    async handle(request, route) {
      const receivedAt = new Date().toISOString()
      const scripted = script.next()
      const body = await request.readBody(BODY_LIMIT_BYTES)
      if (body.kind === 'aborted') return 'reset'
      await pause(scripted?.delayMs ?? 0)
      const form = new URLSearchParams(body.kind === 'complete' ? body.bytes.toString() : '')
      const answer = (): Answer =>
        route.kind === 'managedIdentity'
          ? answerManagedIdentity(request, authority)
          : answerClientCredentials(request.method, route.tenantId, form, authority)
      const reply: Answer | 'reset' =
        scripted?.reset === undefined ? (scriptedAnswer(scripted) ?? answer()) : 'reset'

      const parameters = route.kind === 'managedIdentity' ? request.url.searchParams : form
      const resource = parameters.get('resource') ?? parameters.get('scope')
      const clientId = parameters.get('client_id')
      requests.add({
        receivedAt,
        kind: route.kind === 'managedIdentity' ? 'managed-identity' : 'client-credentials',
        headers: structuredClone(request.headers),
        ...(resource === null ? {} : { resource }),
        ...(clientId === null ? {} : { clientId }),
        status: reply === 'reset' ? 0 : reply.status,
      })
      return reply
    },
    answerNext: script.add,
    requests: requests.list,
    clear() {
      requests.clear()
      script.clear()
    },
  }
}
