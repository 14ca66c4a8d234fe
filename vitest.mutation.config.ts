import { defineConfig, mergeConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

import base from './vitest.config.ts'

/** The tests that hold the files of stryker.config.mjs to what they promise, in this process and in seconds; the quickest first. */
const TESTS = [
  ...[
    'retry-after',
    'outcome',
    'outcome-remedies',
    'log-row',
    'log-row-paths',
    'packer',
    'buffer-pool',
    'json-scan',
    'record-flaw',
  ].map(inCore),
  ...[
    'spool-owner',
    'spool-head',
    'spool-frame',
    'spool-reader',
    'spool-adoption',
    'spool-adoption-safety',
    'spool-adoption-edges',
  ].map(inCore),
  ...['time', 'record', 'record-edges', 'line-writer-choice', 'line-writer'].map(
    (name) => `packages/pino/test/${name}.test.ts`,
  ),
  ...['time', 'level-severity', 'plain-entry', 'entry', 'row-error', 'row-edges', 'row'].map(
    (name) => `packages/winston/test/${name}.test.ts`,
  ),
]

function inCore(name: string): string {
  return `packages/core/test/${name}.test.ts`
}

/** A mutant is killed by the first test that fails: those come first that are about its file alone, and cost least. */
class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number =>
      TESTS.findIndex((path) => moduleId.endsWith(path))
    return files.toSorted((one, other) => rank(one) - rank(other))
  }
}

const config = mergeConfig(
  base,
  defineConfig({
    test: {
      setupFiles: ['packages/core/test/fixtures/without-shrinking.ts'],
      sequence: { sequencer: QuickestFirst },
      // Each mutant would wait for a process per file; these tests do not mind each other.
      isolate: false,
      // Stryker has time limits of its own, measured by the first run.
      testTimeout: 600_000,
      hookTimeout: 600_000,
    },
  }),
)
config.test.include = TESTS
export default config
