import { defineConfig, mergeConfig } from 'vitest/config'

import base from './vitest.config.ts'

/** The tests that hold the files of stryker.config.mjs to what they promise, in this process and in seconds. */
const TESTS = [
  'core/test/{json-scan,log-row,log-row-paths,outcome,outcome-remedies,packer,retry-after}.test.ts',
  'core/test/spool-{adoption,adoption-safety,frame,owner,reader}.test.ts',
  'pino/test/{line-writer,record,record-edges,time}.test.ts',
  'winston/test/{level-severity,row,row-edges,row-error,time}.test.ts',
]

// Stryker has time limits of its own, measured by the first run.
const config = mergeConfig(base, defineConfig({ test: { testTimeout: 600_000, hookTimeout: 600_000 } }))
config.test.include = TESTS.map((path) => `packages/${path}`)
export default config
