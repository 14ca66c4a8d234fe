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
    include: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts'],
    pool: 'forks',
    execArgv: ['--conditions=dev'],
    restoreMocks: true,
    testTimeout: 20_000,
  },
})
