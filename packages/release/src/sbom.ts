import type { ProductionTree } from './production-tree.ts'
import { run } from './run.ts'

/** A CycloneDX document, as far as it is read here. */
export interface Sbom {
  readonly specVersion: string
  readonly metadata: { readonly component: SbomComponent }
  readonly components: readonly SbomComponent[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

interface SbomComponent {
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly licenses?: readonly object[]
  readonly externalReferences?: readonly { readonly type: string; readonly url: string }[]
}

/** The bill of materials of a published package: npm's, of what npm installs with it. */
export async function createSbom({ folder, tarball }: ProductionTree): Promise<Sbom> {
  const text = await run(
    'npm',
    ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=library'],
    folder,
  )
  const sbom = JSON.parse(text) as Sbom
  return {
    ...sbom,
    // npm leaves the scope out of the name of the package that it is about.
    metadata: {
      ...sbom.metadata,
      component: { ...sbom.metadata.component, name: tarball.manifest.name },
    },
    components: sbom.components.map(withoutPlacesOnDisk),
  }
}

/** Where our tarballs were on this machine says nothing to anybody else. */
function withoutPlacesOnDisk(component: SbomComponent): SbomComponent {
  const { externalReferences, ...rest } = component
  if (externalReferences === undefined) return rest
  return { ...rest, externalReferences: externalReferences.filter(({ url }) => !url.startsWith('file:')) }
}
