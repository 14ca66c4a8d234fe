import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { resolveTree } from './production-tree.ts'
import { createSbom } from './sbom.ts'
import { packInto } from './tarballs.ts'

/*
 * `pnpm sbom [folder]`: writes a CycloneDX document for each published package.
 */
const target = process.argv[2] ?? new URL('../../../sbom', import.meta.url).pathname
const scratch = await mkdtemp(join(tmpdir(), 'azlogs-sbom-'))
try {
  await mkdir(target, { recursive: true })
  const trees = await Promise.all((await packInto(scratch)).map(resolveTree))
  for (const tree of trees) {
    const sbom = await createSbom(tree)
    const { manifest } = tree.tarball
    const file = join(target, `${manifest.name.replace('@', '').replace('/', '-')}.cdx.json`)
    await writeFile(file, `${JSON.stringify(sbom, null, 2)}\n`)
    process.stdout.write(`${file}: ${sbom.components.length} components\n`)
  }
} finally {
  await rm(scratch, { recursive: true, force: true })
}
