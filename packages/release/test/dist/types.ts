import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

import type { Consumer } from './consumer.ts'

const execute = promisify(execFile)

export const TYPESCRIPT_VERSIONS = ['5.5', '5.9', '6', '7'] as const

type TypeScriptVersion = (typeof TYPESCRIPT_VERSIONS)[number]

const RESOLUTIONS = { node16: 'node16', nodenext: 'nodenext', bundler: 'esnext' } as const

type Resolution = keyof typeof RESOLUTIONS

/**
 * What TypeScript has to say of users' files, with the strictest settings.
 *
 * @param files paths in the consumer's folder.
 * @param declarations whether every declaration file is checked too: ours, and all that they need. Takes longest.
 */
export async function complaintsOf(
  { folder, write }: Consumer,
  version: TypeScriptVersion,
  resolution: Resolution,
  files: readonly string[],
  declarations: 'checked' | 'read',
): Promise<readonly string[]> {
  const project = `tsconfig.${version}-${resolution}-${files.length}.json`
  await write({
    [project]: JSON.stringify({
      compilerOptions: {
        target: 'es2022',
        lib: ['es2023'],
        module: RESOLUTIONS[resolution],
        moduleResolution: resolution,
        types: ['node'],
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: declarations === 'read',
        noEmit: true,
      },
      files,
    }),
  })
  const { stdout } = await execute(
    process.execPath,
    [compiler(version), '--project', project, '--pretty', 'false'],
    { cwd: folder },
  ).catch((error: { stdout: string }) => error)
  return stdout.split('\n').filter((line) => line !== '')
}

const require = createRequire(import.meta.url)

function compiler(version: TypeScriptVersion): string {
  const name = version === '7' ? 'typescript' : `typescript-${version}`
  return join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'tsc')
}
