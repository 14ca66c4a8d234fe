import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'

import { folderOf } from './published.ts'
import type { PublicEntry } from './public-entries.ts'

/**
 * Everything that a public entry point declares, and every type that its declarations reach, as text in a fixed order: a
 * changed signature is a changed line.
 *
 * @throws {Error} when the declarations cannot be read, with what API Extractor says.
 */
export async function reportApi({ published, specifier, declarations }: PublicEntry): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'azlogs-api-'))
  try {
    const complaints: string[] = []
    const result = Extractor.invoke(configFor(folderOf(published), declarations, scratch), {
      localBuild: true,
      messageCallback(message) {
        message.handled = true
        if (message.logLevel === ExtractorLogLevel.Error) complaints.push(message.text)
      },
    })
    if (!result.succeeded) throw new Error(`${specifier} cannot be reported: ${complaints.join('\n')}`)
    return await readFile(join(scratch, REPORT), 'utf8')
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

const REPORT = 'report.api.md'

function configFor(projectFolder: string, declarations: string, scratch: string): ExtractorConfig {
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(projectFolder, 'package.json'),
    configObject: {
      projectFolder,
      mainEntryPointFilePath: declarations,
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2023',
            lib: ['es2023', 'esnext.disposable'],
            module: 'nodenext',
            types: ['node'],
            strict: true,
            skipLibCheck: true,
          },
          files: [declarations],
        },
      },
      newlineKind: 'lf',
      apiReport: {
        enabled: true,
        includeForgottenExports: true,
        reportFileName: REPORT,
        reportFolder: scratch,
        reportTempFolder: join(scratch, 'temporary'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      // What is public is what is exported; tags of its own and links in comments are no part of the surface.
      messages: {
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.None },
        },
        tsdocMessageReporting: {
          default: { logLevel: ExtractorLogLevel.None },
        },
      },
    },
  })
}
