import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { generate } from 'selfsigned'

import { startChild } from '../child.ts'
import { createTemporaryFolder } from '../temporary-folder.ts'
import type { Checked, Expectation } from './check.ts'
import type { ReceiverMessage, ReceiverRequest } from './receiver-process.ts'

/** A running receiver. */
export interface Receiver extends AsyncDisposable {
  readonly url: string
  /** Its certificate, for NODE_EXTRA_CA_CERTS. */
  readonly caFile: string
  /** Compares what came since the last check with what should have come, and forgets it. */
  check(expectation: Expectation): Promise<Checked>
}

/** Starts a receiver in a process of its own. */
export async function startReceiver(): Promise<Receiver> {
  const folder = createTemporaryFolder()
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  const caFile = join(folder.path, 'ca.pem')
  await writeFile(caFile, cert)
  const child = startChild<ReceiverRequest, ReceiverMessage>('receiver/receiver-process.ts', [], {
    TLS_KEY: key,
    TLS_CERT: cert,
    BODY_FILE: join(folder.path, 'bodies'),
  })
  const { url } = (await child.message()) as { readonly url: string }
  return {
    url,
    caFile,
    async check(expectation) {
      const answer = child.message()
      child.send({ check: expectation })
      const { checked } = (await answer) as { readonly checked: Checked }
      return checked
    },
    async [Symbol.asyncDispose]() {
      await child[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}
