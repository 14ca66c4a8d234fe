import { textOf } from './generated-file.ts'
import type { GeneratedFile, GenerateInput } from './generated-file.ts'

/** The variables that an application needs. Ids and addresses only: a secret has no place in a file of the project. */
export function envExampleFile({ lock }: GenerateInput): GeneratedFile {
  return {
    path: '.env.example',
    text: textOf(
      '# Where to send: the outputs of the deployment.',
      'AZURE_DCE_ENDPOINT=https://<rule>-<id>.<region>-1.ingest.monitor.azure.com',
      'AZURE_DCR_RULE_ID=dcr-<32 hexadecimal digits>',
      `AZURE_DCR_STREAM_NAME=${lock.stream}`,
      '',
      '# Who sends. On Azure a managed identity needs nothing here; a user-assigned one needs its client id.',
      '# AZURE_CLIENT_ID=<client id>',
      '# AZURE_TENANT_ID=<tenant id>',
      '# On your own machine "az login" is enough. Keep a client secret in a secret store, not in a file.',
    ),
  }
}
