import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { pauseInWorker } from './debugger.ts'
import type { WorkerDomain } from './debugger.ts'

const worker = new URL('../src/worker.ts', import.meta.url)

test.each<[debug: string, WorkerDomain]>([
  ['VS Code', 'NodeWorker'],
  ['Chrome’s DevTools', 'Target'],
])(
  'pnpm debug:pino-worker: the way of %s to a worker stops at a line of worker.ts',
  async (_debugger, domain) => {
    const lines = readFileSync(worker, 'utf8').split('\n')
    const line = 1 + lines.findIndex((text) => text.includes('createWorkerProblems($tell'))
    const pause = await pauseInWorker(domain, { url: worker.href, line })
    expect(pause).toMatchObject({ url: worker.href, line })
    expect(await pause.evaluate('given.flushIntervalMs')).toBe(1000)
    await pause.resume()
  },
)
