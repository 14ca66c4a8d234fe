import type { EventEmitter } from 'node:events'

import type { CredentialObject } from './relayed-credential.ts'
import type { RelayedToken, ToWorker } from './worker-protocol.ts'

/**
 * The main thread's half of a credential object: asks it whenever the worker wants a token, and once ahead of that, so
 * that the worker has one before the process may end. (While it ends, this thread is blocked and can ask for none.)
 */
export function relayTokens(
  stream: EventEmitter,
  credential: CredentialObject,
  scopes: readonly string[],
): void {
  let asking = false
  let answers = 0

  async function relay(wanted: readonly string[]): Promise<void> {
    // The answer under way is for this question too.
    if (asking) return
    asking = true
    try {
      const token = await credential.getToken([...wanted])
      send(
        token === null
          ? { code: 'AZLOGS_NO_TOKEN', reason: 'getToken resolved to null.' }
          : { code: 'AZLOGS_TOKEN', token: plain(token) },
      )
    } catch (error) {
      send({ code: 'AZLOGS_NO_TOKEN', reason: error instanceof Error ? error.message : String(error) })
    } finally {
      asking = false
    }
  }

  function send(message: ToWorker): void {
    answers += 1
    stream.emit('message', message)
  }

  stream.on('azlogs:token', (wanted: readonly string[], received: number) => {
    // Question and answer have crossed: there is one on its way.
    if (received === answers) void relay(wanted)
  })
  void relay(scopes)
}

function plain(token: RelayedToken): RelayedToken {
  const { token: text, expiresOnTimestamp, refreshAfterTimestamp } = token
  return {
    token: text,
    expiresOnTimestamp,
    ...(refreshAfterTimestamp === undefined ? {} : { refreshAfterTimestamp }),
  }
}
