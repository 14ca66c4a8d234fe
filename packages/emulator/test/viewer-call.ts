import type { Emulator } from '../src/index.ts'

/** Calls the viewer's endpoint as its own page does, unless told otherwise. */
export async function callViewer(
  emulator: Emulator,
  method: string,
  name: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = { 'x-azlogs-viewer': '1', origin: emulator.url },
): Promise<{ readonly status: number; readonly headers: Headers; readonly body: unknown }> {
  const response = await fetch(`${emulator.url}/viewer/api/${name}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}
