import { createCredential } from '@azlogs/core/internal'
import type { Destination } from '@azlogs/core/internal'
import { AzureLogger, setLogLevel } from '@azure/logger'

import { messageOf } from '../cli-error.ts'
import type { GivenDestination } from '../destination-args.ts'
import { fail, ok } from './check.ts'
import type { Finding } from './check.ts'
import { remedyForCredential } from './credential-failure.ts'
import { readClaims } from './jwt.ts'
import type { TokenClaims } from './jwt.ts'
import type { Redactor } from './redact.ts'

/** The token for the checks that follow. */
export interface Token {
  readonly text: string
  /** Undefined for a token that cannot be read. */
  readonly claims: TokenClaims | undefined
}

/** A credential that takes longer holds up the first logs of each process. */
const SLOW_MS = 2000

/** Gets a token as the transports do, says which credential gave it and how long that took, and reads it. */
export async function checkToken(
  { cloud }: Destination,
  credential: GivenDestination['credential'],
  options: { readonly timeoutMs: number; readonly redact: Redactor },
): Promise<{ readonly finding: Finding; readonly token: Token | undefined }> {
  const used = watchIdentity()
  const source = createCredential(credential, process.env, cloud.authorityHost)
  const started = performance.now()
  let text: string
  try {
    const answer = await Promise.race([
      source.getToken([`${cloud.audience}/.default`]),
      deadline(options.timeoutMs),
    ])
    text = answer?.token ?? ''
    options.redact.hide(text)
    if (!/^[\x21-\x7e]+$/.test(text)) throw new Error('the token is empty, or no header can carry it')
  } catch (error) {
    const message = messageOf(error)
    const [first = ''] = message.split('\n')
    return {
      finding: fail('AZL3007', first, remedyForCredential(message, credential)),
      token: undefined,
    }
  }
  const elapsedMs = performance.now() - started
  const claims = readClaims(text)
  const finding = judge(claims, cloud.audience)
  const by = used() ?? (typeof credential === 'string' ? 'credential' : credential.kind)
  const slow = elapsedMs > SLOW_MS ? ' (slow: name the exact kind of credential)' : ''
  return {
    finding: { ...finding, evidence: `${by}${slow} · ${finding.evidence}` },
    token: finding.status === 'fail' ? undefined : { text, claims },
  }
}

function judge(claims: TokenClaims | undefined, audience: string): Finding {
  if (claims === undefined) return ok('a token that is no JWT, so that nothing can be read from it')
  const who = [
    claims.user ?? (claims.applicationId === undefined ? undefined : `application ${claims.applicationId}`),
    claims.objectId === undefined ? undefined : `object ${claims.objectId}`,
  ].filter((part) => part !== undefined)
  const told = [...who, `audience ${claims.audience ?? 'none'}`]
  if (claims.audience?.replace(/\/+$/, '') !== audience) {
    return fail(
      'AZL3008',
      `${told.join(' · ')}, but ${audience} is needed`,
      `The token source must be asked for the scope ${audience}/.default; it gave a token for something else.`,
    )
  }
  const seconds = (claims.expiresAtSeconds ?? Number.POSITIVE_INFINITY) - Date.now() / 1000
  if (seconds <= 0) {
    return fail(
      'AZL3008',
      `${told.join(' · ')}, expired ${Math.round(-seconds / 60)} minutes ago`,
      'az account clear && az login   # or whatever caches the old token; and check this clock with: date -u',
    )
  }
  return ok([...told, `${Math.round(seconds / 60)} minutes left`].join(' · '))
}

/** Which credential of a chain it was, as @azure/identity says in its log and nowhere else. */
function watchIdentity(): () => string | undefined {
  let name: string | undefined
  AzureLogger.log = (...parts: unknown[]) => {
    name = /Result for (\w+): SUCCESS/.exec(parts.map(String).join(' '))?.[1] ?? name
  }
  setLogLevel('info')
  return () => name
}

async function deadline(timeoutMs: number): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(
      () => reject(new Error(`the credential gave no token within ${timeoutMs / 1000} s`)),
      timeoutMs,
    ).unref()
  })
}
