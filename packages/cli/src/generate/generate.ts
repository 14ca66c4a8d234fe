import { formatLock, LOCK_FILE } from '../schema/lock.ts'
import { armFile } from './arm.ts'
import { azScriptFile } from './az-script.ts'
import { bicepFile } from './bicep.ts'
import { envExampleFile } from './env-example.ts'
import type { GeneratedFile, GenerateInput } from './generated-file.ts'
import { queryFiles } from './queries.ts'
import { terraformFile } from './terraform.ts'
import { typeScriptFile } from './type-script.ts'
import { workbookFile } from './workbook.ts'

/** Ways to deploy. */
export const IAC = ['bicep', 'terraform', 'arm', 'azcli'] as const
export type Iac = (typeof IAC)[number]

/** What each way writes. */
export const IAC_FILES: Readonly<Record<Iac, string>> = {
  bicep: 'infra/main.bicep',
  terraform: 'infra/main.tf',
  arm: 'infra/azuredeploy.json',
  azcli: 'infra/deploy.sh',
}

const DEPLOYMENTS: Readonly<Record<Iac, (input: GenerateInput, path: string) => GeneratedFile>> = {
  bicep: bicepFile,
  terraform: terraformFile,
  arm: armFile,
  azcli: azScriptFile,
}

export interface GenerateOptions extends GenerateInput {
  /** @default all of them */
  readonly iac?: readonly Iac[]
  /** Where the row's type goes. */
  readonly typeScriptPath: string
}

/** Everything that follows from a lock, the lock first. The same lock gives the same bytes. */
export function generateFiles({
  iac = IAC,
  typeScriptPath,
  ...input
}: GenerateOptions): readonly GeneratedFile[] {
  return [
    { path: LOCK_FILE, text: formatLock(input.lock) },
    ...iac.map((way) => DEPLOYMENTS[way](input, IAC_FILES[way])),
    envExampleFile(input),
    typeScriptFile(input, typeScriptPath),
    ...queryFiles(input),
    workbookFile(input),
  ]
}
