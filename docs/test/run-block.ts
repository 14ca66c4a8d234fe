import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

import { startEmulator } from '@azlogs/emulator'
import type { Row } from '@azlogs/emulator'

import { programOf } from './code-block.ts'
import type { CodeBlock } from './code-block.ts'
import { ROOT } from './repository.ts'
import { directoryOf } from './type-check.ts'

/** What a block did. */
export interface BlockRun {
  readonly stderr: string
  readonly rows: readonly Row[]
}

/** Runs a program in an application's folder that has all that its page may import; rejects when it fails unasked. */
export async function runProgram(block: CodeBlock): Promise<BlockRun> {
  return run(block, async (folder) => {
    await symlink(join(directoryOf(block.page), 'node_modules'), join(folder, 'node_modules'))
    const file = join(folder, block.language === 'js' ? 'program.mjs' : 'program.mts')
    await writeFile(file, programOf(block))
    return [process.execPath, ['--conditions=dev', file]]
  })
}

/** Runs a shell block in a folder with an application's files; `npx azlogs` is the one of this repository. */
export async function runShell(block: CodeBlock): Promise<BlockRun> {
  return run(block, async (folder) => {
    const golden = join(ROOT, 'packages/cli/test/golden')
    await copyFile(join(golden, 'sample.ndjson'), join(folder, 'app.ndjson'))
    await copyFile(join(golden, 'old-table.csv'), join(folder, 'old.csv'))
    await writeFile(join(folder, 'app.js'), APPLICATION)
    await symlink(join(ROOT, 'docs/node_modules'), join(folder, 'node_modules'))
    await writeFile(join(folder, 'npx'), NPX)
    await chmod(join(folder, 'npx'), 0o755)
    return ['bash', ['-euo', 'pipefail', '-c', programOf(block)]]
  })
}

/** An application that logs two lines. */
const APPLICATION = `import pino from 'pino'

const logger = pino({ name: 'shop' })
logger.info({ orderId: 912, amountEur: 41.5 }, 'order placed')
logger.error(new Error('card declined'), 'payment failed')
`

const NPX = `#!/bin/sh
name=$1; shift
case $name in
  azlogs) exec node --conditions=dev "${ROOT}packages/cli/src/bin.ts" "$@" ;;
  azlogs-emulator) exec node --conditions=dev "${ROOT}packages/emulator/src/bin.ts" "$@" ;;
  *) echo "npx $name: not here" >&2; exit 127 ;;
esac
`

async function run(
  block: CodeBlock,
  prepare: (folder: string) => Promise<readonly [string, readonly string[]]>,
): Promise<BlockRun> {
  await using emulator = await startEmulator({ https: false })
  const folder = await mkdtemp(join(tmpdir(), 'azlogs-docs-'))
  try {
    const [command, args] = await prepare(folder)
    const ended = promisify(execFile)(command, [...args], {
      cwd: folder,
      env: {
        HOME: folder,
        PATH: [folder, join(process.execPath, '..'), process.env['PATH']].join(delimiter),
        NO_COLOR: '1',
        ...emulator.env,
      },
    })
    const { stderr } = block.fails === undefined ? await ended : await failureOf(ended)
    return { stderr, rows: emulator.rows() }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What a process said that was to fail. */
async function failureOf(ended: Promise<unknown>): Promise<{ readonly stderr: string }> {
  return ended.then(
    () => {
      throw new Error('it was to fail, and did not')
    },
    (error: unknown) => error as { readonly stderr: string },
  )
}
