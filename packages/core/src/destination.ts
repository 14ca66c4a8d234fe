import { API_VERSION, cloudOf } from './service.ts'
import type { Cloud } from './service.ts'

/** Where rows go, checked. */
export interface Destination {
  readonly endpoint: URL
  readonly ruleId: string
  readonly streamName: string
  readonly cloud: Cloud
}

/** How strictly an endpoint and its names are checked. */
export interface DestinationRules {
  /**
   * Accepts rule ids and stream names of any form, for test doubles of the service.
   * @default false
   */
  readonly allowCustomIds?: boolean
  /**
   * Accepts `http:` for hosts other than this machine. The token then travels in the clear.
   * @default false
   */
  readonly allowInsecureConnection?: boolean
}

/** The address that one DCR stream takes rows at. */
export function uploadUrl(destination: Omit<Destination, 'cloud'>): string {
  const { endpoint, ruleId, streamName } = destination
  const path = `/dataCollectionRules/${encodeURIComponent(ruleId)}/streams/${encodeURIComponent(streamName)}`
  return `${endpoint.origin}${path}?api-version=${API_VERSION}`
}

/** A checked value, or what is wrong with it in one sentence. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string }

const HOW_ENDPOINT =
  'It is the DCR’s properties.endpoints.logsIngestion (az rest --method get --url …/dataCollectionRules/NAME?api-version=2023-03-11), ' +
  'or a DCE’s logsIngestion.endpoint.'

/** Checks a logs ingestion endpoint. `variable` is the environment variable that may stand in for it, if any. */
export function checkEndpoint(value: unknown, rules: DestinationRules, variable?: string): Checked<URL> {
  const problem = (what: string): Checked<URL> => ({ ok: false, problem: `endpoint ${what}` })
  if (value === undefined || value === '') return problem(`${missing(variable)} ${HOW_ENDPOINT}`)
  if (typeof value !== 'string')
    return problem(
      `is ${value === null ? 'null' : `of type ${typeof value}`}; it must be a string. ${HOW_ENDPOINT}`,
    )
  // A query may hold a secret, such as the signature of a storage address that was pasted here by mistake.
  const shown = JSON.stringify(value.replace(/\?.*/s, '?…'))
  if (value.startsWith('dcr-')) return problem(`is ${shown}: that is a rule id. ${HOW_ENDPOINT}`)
  if (/^\/?subscriptions\//i.test(value))
    return problem(`is ${shown}: that is an ARM resource id. ${HOW_ENDPOINT}`)
  const url = URL.parse(value)
  if (url === null) return problem(`is ${shown}, which is no URL. ${HOW_ENDPOINT}`)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return problem(`is ${shown}; it must begin with https://. ${HOW_ENDPOINT}`)
  }
  if (url.username !== '' || url.password !== '')
    return problem('contains a user name or password, which it may not.')
  if (/\.control\.monitor\.azure\./.test(url.hostname)) {
    return problem(
      `is ${shown}: that is the configuration access endpoint (.control.); use the logs ingestion one. ${HOW_ENDPOINT}`,
    )
  }
  if (/\.metrics\.ingest\./.test(url.hostname)) {
    return problem(`is ${shown}: that is the metrics ingestion endpoint; use the logs one. ${HOW_ENDPOINT}`)
  }
  if (/\.ods\.opinsights\./.test(url.hostname)) {
    return problem(`is ${shown}: that is the HTTP Data Collector API, retired on 2026-09-14. ${HOW_ENDPOINT}`)
  }
  if (/^(management|portal)\.azure\./.test(url.hostname)) {
    return problem(
      `is ${shown}: that is Azure’s ${url.hostname.startsWith('p') ? 'portal' : 'management API'}. ${HOW_ENDPOINT}`,
    )
  }
  if (/^(169\.254\.|\[fe[89ab][0-9a-f]:)/.test(url.hostname)) {
    return problem(
      `is ${shown}: that is a link-local address, where clouds keep the metadata of a machine. ${HOW_ENDPOINT}`,
    )
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return problem(`is ${shown}; give the host only, without path, query or fragment: ${url.origin}`)
  }
  if (url.protocol === 'https:') return { ok: true, value: url }
  if (rules.allowInsecureConnection === true || isLoopback(url)) return { ok: true, value: url }
  return problem(
    `is ${shown}; http: is accepted for this machine only (or with allowInsecureConnection). Use https://`,
  )
}

function missing(variable: string | undefined): string {
  return `is missing${variable === undefined ? '' : ` (or set ${variable})`}.`
}

/** True for 127.0.0.0/8, ::1 and localhost. */
export function isLoopback(url: URL): boolean {
  return /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/.test(url.hostname)
}

const HOW_RULE = 'It is the DCR’s properties.immutableId: «dcr-» and 32 hexadecimal digits.'

/** Checks a rule id: the immutable id of a DCR. */
export function checkRuleId(value: unknown, rules: DestinationRules, variable?: string): Checked<string> {
  const problem = (what: string): Checked<string> => ({ ok: false, problem: `ruleId ${what} ${HOW_RULE}` })
  if (value === undefined || value === '') return problem(missing(variable))
  if (typeof value !== 'string')
    return problem(`is ${value === null ? 'null' : `of type ${typeof value}`}; it must be a string.`)
  if (/^dcr-[0-9a-f]{32}$/.test(value) || rules.allowCustomIds === true) return { ok: true, value }
  const shown = JSON.stringify(value)
  if (/^\/?subscriptions\//i.test(value))
    return problem(`is ${shown}: that is the ARM resource id of something.`)
  if (/^https?:/.test(value)) return problem(`is ${shown}: that is an address.`)
  if (/^(Custom|Microsoft)-/.test(value)) return problem(`is ${shown}: that is a stream name.`)
  if (value.startsWith('dcr-'))
    return problem(`is ${shown}: «dcr-» must be followed by exactly 32 lower-case hexadecimal digits.`)
  return problem(`is ${shown}: perhaps the DCR’s name.`)
}

const HOW_STREAM = 'It is a key of the DCR’s properties.streamDeclarations, such as Custom-AppLogs_CL.'

/** Checks a stream name. */
export function checkStreamName(value: unknown, rules: DestinationRules, variable?: string): Checked<string> {
  const problem = (what: string): Checked<string> => ({
    ok: false,
    problem: `streamName ${what} ${HOW_STREAM}`,
  })
  if (value === undefined || value === '') return problem(missing(variable))
  if (typeof value !== 'string')
    return problem(`is ${value === null ? 'null' : `of type ${typeof value}`}; it must be a string.`)
  if (/^(Custom|Microsoft)-[A-Za-z0-9_-]+$/.test(value) || rules.allowCustomIds === true)
    return { ok: true, value }
  const shown = JSON.stringify(value)
  if (value.startsWith('dcr-')) return problem(`is ${shown}: that is a rule id.`)
  if (/^[A-Za-z0-9_]+_CL$/.test(value))
    return problem(`is ${shown}: that is a table. Did you mean "Custom-${value}"?`)
  if (/^(custom|microsoft)-/i.test(value))
    return problem(`is ${shown}: only letters, digits, _ and - may follow the (case-sensitive) prefix.`)
  return problem(`is ${shown}: it must begin with «Custom-» or «Microsoft-».`)
}

/** Checks all three and says everything that is wrong at once. */
export function checkDestination(
  values: { readonly endpoint?: unknown; readonly ruleId?: unknown; readonly streamName?: unknown },
  rules: DestinationRules,
): { readonly destination: Destination | undefined; readonly problems: readonly string[] } {
  const endpoint = checkEndpoint(values.endpoint, rules, 'AZURE_DCE_ENDPOINT')
  const ruleId = checkRuleId(values.ruleId, rules, 'AZURE_DCR_RULE_ID')
  const streamName = checkStreamName(values.streamName, rules, 'AZURE_DCR_STREAM_NAME')
  if (endpoint.ok && ruleId.ok && streamName.ok) {
    const destination = {
      endpoint: endpoint.value,
      ruleId: ruleId.value,
      streamName: streamName.value,
      cloud: cloudOf(endpoint.value),
    }
    return { destination, problems: [] }
  }
  const problems = [endpoint, ruleId, streamName].flatMap((checked) => (checked.ok ? [] : [checked.problem]))
  return { destination: undefined, problems }
}
