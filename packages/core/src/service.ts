/**
 * The numbers and names of the Logs Ingestion API, each with its source. Nothing else in the package
 * states a fact about the service.
 */

/** The only GA data-plane version. https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview */
export const API_VERSION = '2023-01-01'

/**
 * Largest body on the wire, in bytes: the gateway compares Content-Length with it and answers
 * `413 ContentLengthLimitExceeded … Maximum allowed content length: 1048576 bytes (1 MB)`.
 */
export const MAX_WIRE_BYTES = 1_048_576

/**
 * Largest body after decompression, in bytes, checked behind the gateway.
 * https://github.com/open-telemetry/otel-arrow/pull/2535
 */
export const MAX_INFLATED_BYTES: number = 50 * 1024 * 1024

/**
 * Uncompressed bytes of one request by default: what the official clients cut at, and on the safe side of the
 * documented «1 MB, both compressed and uncompressed data».
 */
export const DEFAULT_BATCH_BYTES = 1_000_000

/** Strings longer than this many bytes are truncated by the service, in silence. Same page, «field values». */
export const MAX_FIELD_BYTES = 65_536

/** An Azure cloud: where tokens come from and which audience the ingestion service wants. */
export interface Cloud {
  readonly suffix: string
  readonly audience: string
  /** Undefined for the public cloud: the identity library's own default, which AZURE_AUTHORITY_HOST may change. */
  readonly authorityHost: string | undefined
}

const PUBLIC_CLOUD: Cloud = {
  suffix: '.ingest.monitor.azure.com',
  audience: 'https://monitor.azure.com',
  authorityHost: undefined,
}

const SOVEREIGN_CLOUDS: readonly Cloud[] = [
  {
    suffix: '.ingest.monitor.azure.us',
    audience: 'https://monitor.azure.us',
    authorityHost: 'https://login.microsoftonline.us',
  },
  {
    suffix: '.ingest.monitor.azure.cn',
    audience: 'https://monitor.azure.cn',
    authorityHost: 'https://login.chinacloudapi.cn',
  },
]

/** The cloud that an endpoint's host belongs to; hosts of no known cloud (private link, emulator) count as public. */
export function cloudOf(endpoint: URL): Cloud {
  const host = endpoint.hostname.toLowerCase().replace(/\.$/, '')
  return SOVEREIGN_CLOUDS.find((cloud) => host.endsWith(cloud.suffix)) ?? PUBLIC_CLOUD
}
