import type { CredentialDescription, CredentialOption } from './credential.ts'
import type { RelayedToken, ToWorker } from './worker-protocol.ts'

/** A credential with `getToken`, such as those of `@azure/identity`. */
export type CredentialObject = Exclude<CredentialOption, CredentialDescription>

/** The worker's half of a credential object that stayed in the main thread. */
export interface RelayedCredential extends CredentialObject {
  receive(message: Extract<ToWorker, { code: 'AZLOGS_TOKEN' | 'AZLOGS_NO_TOKEN' }>): void
}

interface Waiting {
  readonly resolve: (token: RelayedToken) => void
  readonly reject: (error: Error) => void
}

/**
 * `ask` asks the main thread for a token; the answer comes to `receive`, as does one that nobody asked for. `answers` tells
 * how many have come, so that the main thread knows whether one is on its way already.
 */
export function createRelayedCredential(
  ask: (scopes: readonly string[], answers: number) => void,
): RelayedCredential {
  let waiting: Waiting[] = []
  let answers = 0
  /** A token that came ahead of the first question. It is given out once: who asks again wants another. */
  let early: RelayedToken | undefined

  return {
    getToken(scopes) {
      const token = early
      early = undefined
      if (token !== undefined) return Promise.resolve(token)
      return new Promise<RelayedToken>((resolve, reject) => {
        waiting.push({ resolve, reject })
        if (waiting.length === 1) ask([scopes].flat(), answers)
      })
    },
    receive(message) {
      answers += 1
      const answered = waiting
      waiting = []
      if (message.code === 'AZLOGS_TOKEN') {
        if (answered.length === 0) early = message.token
        for (const { resolve } of answered) resolve(message.token)
      } else {
        for (const { reject } of answered) reject(new Error(message.reason))
      }
    },
  }
}
