import { defineConfig } from 'tsdown'

import { base } from '../../tsdown.config.ts'

export default defineConfig({
  ...base,
  entry: ['src/index.ts', 'src/command.ts', 'src/testing.ts', 'src/vitest.ts', 'src/bin.ts'],
  // The command is no import; package.json names it under `bin` by hand, so that it always runs what is published.
  exports: { devExports: 'dev', exclude: ['bin'], bin: false },
})
