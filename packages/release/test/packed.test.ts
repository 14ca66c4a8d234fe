import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as CycloneDX from '@cyclonedx/cyclonedx-library'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { BUDGETS, overBudget } from '../src/budget.ts'
import { resolveTree } from '../src/production-tree.ts'
import type { ProductionTree } from '../src/production-tree.ts'
import { PUBLISHED } from '../src/published.ts'
import { createSbom } from '../src/sbom.ts'
import { packInto } from '../src/tarballs.ts'

/*
 * What is published, before anybody installs it.
 */
let folder: string
let trees: readonly ProductionTree[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azlogs-packed-'))
  trees = await Promise.all((await packInto(folder)).map(resolveTree))
}, 240_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(PUBLISHED)('the tarball of %s', (published) => {
  const tree = (): ProductionTree => trees[PUBLISHED.indexOf(published)] as ProductionTree

  test('says what it is, where it comes from, and what it needs', () => {
    expect(tree().tarball.manifest).toMatchObject({
      license: 'MIT',
      author: 'azlogs contributors',
      repository: {
        type: 'git',
        url: 'git+https://github.com/azlogs/azlogs.git',
        directory: `packages/${published}`,
      },
      homepage: `https://github.com/azlogs/azlogs/tree/main/packages/${published}#readme`,
      bugs: 'https://github.com/azlogs/azlogs/issues',
      engines: { node: '>=22.13' },
      publishConfig: { access: 'public', provenance: true },
      keywords: expect.arrayContaining(['azure-monitor', 'logs-ingestion']) as string[],
    })
  })

  test('has a README, a licence, and nothing that is only for us', () => {
    const { files } = tree().tarball
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'package.json']))
    expect(
      files.filter(
        (file) => !/^(dist\/|bin\/|README\.md$|LICENSE$|CHANGELOG\.md$|package\.json$)/.test(file),
      ),
    ).toEqual([])
  })

  test('has every file that its manifest names, and nothing of the workspace in it', () => {
    const { manifest, files } = tree().tarball
    const named = [manifest['exports'], manifest['bin'] ?? {}].flatMap((field) =>
      Object.values(field as object),
    )
    for (const file of named) expect(files).toContain(String(file).replace('./', ''))
    expect(JSON.stringify(manifest)).not.toMatch(/workspace:|catalog:|"dev"/)
  })

  test('takes other packages of ours in exactly its own version', () => {
    const { version, dependencies } = tree().tarball.manifest
    for (const [name, range] of Object.entries(dependencies)) {
      if (name.includes('azlogs')) expect(range).toBe(version)
    }
  })

  test('stays within its budget', () => {
    expect(overBudget(tree())).toEqual([])
  })

  test('has a bill of materials that is valid CycloneDX and lists all that npm installs', async () => {
    const sbom = await createSbom(tree())
    const validator = new CycloneDX.Validation.JsonStrictValidator(CycloneDX.Spec.Version.v1dot5)
    expect(sbom.specVersion).toBe('1.5')
    expect(await validator.validate(JSON.stringify(sbom))).toBeNull()
    const { component } = sbom.metadata
    const { name, version } = tree().tarball.manifest
    expect(component).toMatchObject({ name, version })
    expect(decodeURIComponent(component.purl)).toBe(`pkg:npm/${name}@${version}`)
    expect(new Set(sbom.components.map((part) => part['bom-ref']))).toEqual(new Set(tree().dependencies))
    expect(sbom.components.filter(({ licenses }) => licenses === undefined || licenses.length === 0)).toEqual(
      [],
    )
    expect(JSON.stringify(sbom)).not.toContain(folder)
  })
})

test('a package over budget is told with what it takes, by how much, and all that it brings along', () => {
  const tarball = { manifest: { name: 'a' }, unpackedSize: 1_200_001 }
  const dependencies = ['b@1.0.0', 'c@2.0.0', 'c@3.0.0']
  expect(overBudget({ tarball, dependencies }, { a: { unpackedKilobytes: 1000, dependencies: 2 } })).toEqual([
    'a takes 1201 kB unpacked, 201 kB over its budget of 1000 kB',
    'a brings 3 packages along, 1 over its budget of 2: b@1.0.0, c@2.0.0, c@3.0.0',
  ])
  expect(overBudget({ tarball, dependencies }, {})).toEqual([
    'a has no budget: give it one in packages/release/budgets.json',
  ])
  expect(Object.keys(BUDGETS)).toHaveLength(PUBLISHED.length)
})
