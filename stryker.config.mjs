/** @type {import('@stryker-mutator/core').PartialStrykerOptions} */
export default {
  mutate: [
    // What becomes of a record, by the service's answer, by its size, and by what its logger says.
    'packages/core/src/{json-scan,log-row,outcome,packer,record-flaw,retry-after}.ts',
    'packages/pino/src/{intake,level,line-writer,record,time}.ts',
    'packages/winston/src/{entry,info-error,info-mapper,level-severity,plain-entry,time}.ts',
    // Where it is decided what a dead process left, whose it is, and which of its rows are whole.
    'packages/core/src/spool-{adoption,frame,head,header,owner,reader}.ts',
  ],
  plugins: ['@stryker-mutator/vitest-runner'],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts', pool: 'forks', related: false },
  ignorePatterns: ['/coverage', '/demo', '/examples', 'dist'],
  // The real one would be rewritten through an interface that TypeScript 7 does not have. Nothing here needs it to be.
  tsconfigFile: 'none',
  coverageAnalysis: 'perTest',
  // Each mutant of a constant would cost a run of every test.
  ignoreStatic: true,
  concurrency: 2,
  // A busy machine makes no mutant a killed one.
  timeoutMS: 10_000,
  reporters: ['progress-append-only', 'clear-text', 'html', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false },
  htmlReporter: { fileName: 'coverage/mutation/index.html' },
  jsonReporter: { fileName: 'coverage/mutation/mutation.json' },
  thresholds: { high: 95, low: 85, break: 85 },
}
