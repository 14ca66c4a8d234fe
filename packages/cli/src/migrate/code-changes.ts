/** How an application sent through the old API, and what it does now. */
export interface CodeChange {
  readonly before: string
  /** The command that installs what replaces it. */
  readonly install: string
  readonly after: readonly string[]
}

interface KnownPackage {
  readonly name: string
  /** How it is used. */
  readonly use: string
  readonly change: 'winston' | 'pino' | 'core'
}

/** Packages on npm and in published code that post to the HTTP Data Collector API. */
const KNOWN_PACKAGES: readonly KnownPackage[] = [
  {
    name: 'winston-azure-loganalytics',
    use: 'new LogAnalyticsTransport({ workspaceID, sharedKey, logType })',
    change: 'winston',
  },
  {
    name: 'azure-log-analytics-data-collector-client',
    use: 'new DataCollectorClient(workspaceId, sharedKey).send(logType, records)',
    change: 'core',
  },
]

const CHANGES: Readonly<Record<KnownPackage['change'], Omit<CodeChange, 'before'>>> = {
  winston: {
    install: 'npm install @azlogs/winston @azure/identity',
    after: [
      "import { AzureLogsTransport } from '@azlogs/winston'",
      "import { azlogsOptions } from './azlogs.generated.ts'",
      '',
      'winston.createLogger({ transports: [new AzureLogsTransport({ ...azlogsOptions })] })',
    ],
  },
  pino: {
    install: 'npm install @azlogs/pino @azure/identity',
    after: [
      "import { azlogsOptions } from './azlogs.generated.ts'",
      '',
      "pino(pino.transport({ target: '@azlogs/pino', options: { ...azlogsOptions } }))",
    ],
  },
  core: {
    install: 'npm install @azlogs/core @azure/identity',
    after: [
      "import { DefaultAzureCredential } from '@azure/identity'",
      "import { LogsIngestionClient } from '@azlogs/core'",
      '',
      'const { AZURE_DCE_ENDPOINT, AZURE_DCR_RULE_ID, AZURE_DCR_STREAM_NAME } = process.env',
      'const client = new LogsIngestionClient(AZURE_DCE_ENDPOINT, new DefaultAzureCredential())',
      'await client.upload(AZURE_DCR_RULE_ID, AZURE_DCR_STREAM_NAME, records)',
    ],
  },
}

/** What to change, for the packages that an application depends on. */
export function codeChanges(dependencies: readonly string[]): readonly CodeChange[] {
  const known = KNOWN_PACKAGES.filter(({ name }) => dependencies.includes(name))
  const hosts = (['winston', 'pino'] as const).filter(
    (host) => dependencies.includes(host) && !known.some(({ change }) => change === host),
  )
  if (known.length + hosts.length === 0) return [changeFrom(`a signed POST to ${OLD_ADDRESS}`, 'core')]
  return [
    ...known.map(({ name, use, change }) => changeFrom(`${name}: ${use}`, change)),
    ...hosts.map((host) =>
      changeFrom(`a transport of your own for ${host} that posts to ${OLD_ADDRESS}`, host),
    ),
  ]
}

const OLD_ADDRESS = 'https://<workspace>.ods.opinsights.azure.com/api/logs'

function changeFrom(before: string, change: KnownPackage['change']): CodeChange {
  return { before, ...CHANGES[change] }
}
