import { defineConfig, mergeConfig } from 'vitest/config'

import base from './vitest.config.ts'

/**
 * Coverage over all threads and processes that the tests start. Node.js runs the sources itself everywhere, the test's own
 * process included: it takes the types out and leaves every position as it is, so what one process saw can be added to
 * what another saw. A process that is killed, or ends itself by a signal, says nothing.
 */
const config = mergeConfig(
  base,
  defineConfig({
    test: {
      setupFiles: ['./vitest.coverage.setup.ts'],
      experimental: { viteModuleRunner: false, nodeLoader: false },
      coverage: {
        enabled: true,
        provider: 'v8',
        autoAttachSubprocess: true,
        include: ['packages/{core,winston,pino,emulator,cli}/src/**/*.ts'],
        reporter: ['text-summary', 'html', 'json', 'json-summary'],
        reportOnFailure: true,
        thresholds: { branches: 95 },
      },
    },
  }),
)
// The others run what has been built, which is not measured.
config.test.include = ['packages/{core,winston,pino,emulator,cli,conformance}/test/**/*.test.ts']
export default config
