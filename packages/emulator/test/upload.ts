import { gzipSync } from 'node:zlib'

import type { Emulator } from '../src/index.ts'

export interface UploadOptions {
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly path?: string
  readonly method?: string
  readonly signal?: AbortSignal
}

const PUBLIC_SCOPE = 'https://monitor.azure.com/.default'

/** Sends a body to the emulator over plain http, as a correct client would unless told otherwise. */
export async function upload(
  emulator: Emulator,
  body: unknown,
  { headers = {}, path = uploadPath(emulator), method = 'POST', signal }: UploadOptions = {},
): Promise<Response> {
  const { token } = await emulator.credential.getToken(PUBLIC_SCOPE)
  const sent = Object.entries({
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    ...headers,
  }).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const bytes = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  return fetch(emulator.url + path, {
    method,
    headers: sent,
    ...(signal === undefined ? {} : { signal }),
    ...(method === 'GET' ? {} : { body: bytes as Uint8Array<ArrayBuffer> }),
  })
}

export function uploadGzipped(emulator: Emulator, body: string): Promise<Response> {
  return upload(emulator, gzipSync(body), { headers: { 'content-encoding': 'gzip' } })
}

export function uploadPath(
  emulator: Emulator,
  {
    ruleId = emulator.ruleId,
    streamName = emulator.streamName,
    query = 'api-version=2023-01-01',
  }: { ruleId?: string; streamName?: string; query?: string } = {},
): string {
  return `/dataCollectionRules/${encodeURIComponent(ruleId)}/streams/${encodeURIComponent(streamName)}?${query}`
}
