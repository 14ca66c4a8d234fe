import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Workspace packages resolve to their sources: the unit tests need no build.
  ssr: {
    resolve: {
      conditions: ['dev', 'node', 'import', 'default'],
      externalConditions: ['dev', 'node', 'import', 'default'],
    },
  },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts', 'docs/test/**/*.test.ts'],
    pool: 'forks',
    execArgv: ['--conditions=dev'],
    restoreMocks: true,
    // Kept over an install, it named copies of modules that were there no more.
    fsModuleCache: false,
    // Of concurrent tests in one file; most of them are processes.
    maxConcurrency: 3,
    // A test that hangs is told by this, one on a busy machine is not.
    testTimeout: 60_000,
    // A second try keeps a change from being held up by a flaw of another test; the run prints it, and it is a defect to mend.
    retry: process.env['CI'] === undefined ? 0 : 1,
  },
})
