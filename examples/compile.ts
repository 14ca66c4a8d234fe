import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

/**
 * Builds an example as its own `build` script does: by tsc, with its tsconfig.build.json.
 *
 * @throws {Error} when it does not compile; `stdout` says why.
 */
export async function compile(directory: string): Promise<void> {
  const require = createRequire(join(directory, 'package.json'))
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc')
  await promisify(execFile)(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: directory })
}
