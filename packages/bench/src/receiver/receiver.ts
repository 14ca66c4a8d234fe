import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { generate } from 'selfsigned'

import type { Checked, Expectation } from './check.ts'
import type { ReceiverMessage, ReceiverRequest } from './receiver-process.ts'

/** A running receiver. */
export interface Receiver extends AsyncDisposable {
  readonly url: string
  /** Its certificate, for NODE_EXTRA_CA_CERTS. */
  readonly caFile: string
  /** Compares what came since the last check with what should have come, and forgets it. */
  check(expectation: Expectation): Promise<Checked>
  /** Forgets what came. */
  clear(): void
}

/** Starts a receiver in a process of its own. */
export async function startReceiver(): Promise<Receiver> {
  const folder = await mkdtemp(join(tmpdir(), 'azlogs-bench-'))
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  const caFile = join(folder, 'ca.pem')
  await writeFile(caFile, cert)
  const child = fork(fileURLToPath(new URL('receiver-process.ts', import.meta.url)), {
    env: { ...process.env, TLS_KEY: key, TLS_CERT: cert, BODY_FILE: join(folder, 'bodies') },
  })

  const ended = once(child, 'exit')

  async function message(): Promise<ReceiverMessage> {
    const early = ended.then(([code]: readonly unknown[]) => {
      throw new Error(`The receiver ended by itself, with exit code ${String(code)}`)
    })
    const [received] = (await Promise.race([once(child, 'message'), early])) as [ReceiverMessage]
    return received
  }

  const send = (request: ReceiverRequest): boolean => child.send(request)
  const { url } = (await message()) as { readonly url: string }
  return {
    url,
    caFile,
    async check(expectation) {
      const answer = message()
      send({ check: expectation })
      const { checked } = (await answer) as { readonly checked: Checked }
      return checked
    },
    clear: () => void send({ clear: true }),
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect()
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
