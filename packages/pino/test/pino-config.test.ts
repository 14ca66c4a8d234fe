import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { expect, test } from 'vitest'

test('a transport that joins a worker late learns what pino has said before, and a worker without transports ends', async () => {
  const worker = new Worker(new URL('fixtures/late-transport.ts', import.meta.url), {
    execArgv: ['--conditions=dev'],
  })
  const config = { messageKey: 'text', errorKey: 'failure' }
  worker.postMessage({ code: 'OTHER', config: { messageKey: 'no' } }, [])
  worker.postMessage({ code: 'PINO_CONFIG', config }, [])
  const [heard] = (await once(worker, 'message')) as [unknown]
  expect(heard).toEqual({ first: config, second: [config] })
  expect(await once(worker, 'exit')).toEqual([0])
})
