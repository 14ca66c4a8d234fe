import type { Worker } from 'node:worker_threads'

import { afterAll } from 'vitest'

// A thread writes down its coverage when it ends, and some of ours live until the process ends: vitest reads before that.
const workers = new Set<Worker>()
process.on('worker', (worker) => {
  workers.add(worker)
  worker.once('exit', () => workers.delete(worker))
})
afterAll(async () => {
  await Promise.all(Array.from(workers, (worker) => worker.terminate()))
})
