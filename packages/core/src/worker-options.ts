import { resolve } from 'node:path'

import type { CredentialDescription } from './credential.ts'
import type { CredentialObject } from './relayed-credential.ts'
import type { ShipperOptions } from './shipper-options.ts'
import type { WorkerSwitches } from './worker-protocol.ts'

/** The main thread waits for a worker's end, blocked, for 10 s and not longer: less, in milliseconds, for closing. */
export const MAX_WORKER_CLOSE_MS = 8000

type StayingOptions = Pick<ShipperOptions, 'credential' | 'onProblem' | 'spool'>

/** Options of a transport whose shipping runs in a worker thread, divided between the two. */
export interface DividedOptions<Options> {
  /** For the worker; plain data, if `cloneProblems` finds nothing in it. */
  readonly data: Omit<Options, 'credential' | 'onProblem'> &
    WorkerSwitches & { readonly credential?: CredentialDescription }
  /** Stays in the main thread; see `relayTokens`. */
  readonly credential: CredentialObject | undefined
}

/**
 * A credential object and `onProblem` stay where they are, and the worker is told to ask for what they give. A relative
 * spool directory is one of now: the worker may start after the application has changed its working directory.
 */
export function divideOptions<Options extends StayingOptions>(options: Options): DividedOptions<Options> {
  const { credential, onProblem, ...data } = options
  const { spool } = data
  const object = isObject(credential) ? credential : undefined
  return {
    data: {
      ...data,
      ...(credential === undefined || isObject(credential) ? {} : { credential }),
      ...(object === undefined ? {} : { $relayTokens: true }),
      ...(onProblem === undefined ? {} : { $tellProblems: true }),
      ...(spool === undefined ? {} : { spool: { ...spool, directory: resolve(spool.directory) } }),
    },
    credential: object,
  }
}

/** One sentence for each option that cannot go into a worker; `instead` says what to do about it. */
export function cloneProblems(data: object, instead: string): readonly string[] {
  return Object.entries(data).flatMap(([name, value]: [string, unknown]) => {
    try {
      structuredClone(value)
      return []
    } catch (error) {
      const why = error instanceof Error ? error.message : 'it cannot be cloned.'
      return [`${name} cannot go into a worker thread: ${why} ${instead}`]
    }
  })
}

function isObject(credential: ShipperOptions['credential']): credential is CredentialObject {
  return typeof credential === 'object' && 'getToken' in credential
}
