import type { UserConfig } from 'tsdown'

/** What every published package builds with; a package adds its entries. */
export const base: UserConfig = {
  entry: 'src/index.ts',
  format: 'esm',
  platform: 'node',
  target: 'node22.13',
  dts: true,
  sourcemap: true,
  // Inlining a dependency into our bundle must be said aloud.
  deps: { onlyBundle: [] },
  exports: { devExports: 'dev' },
  publint: true,
  attw: { profile: 'esm-only', level: 'error' },
  failOnWarn: true,
}
