import { decodeMulti } from '@msgpack/msgpack'

/** A service that a transport writes to, as far as its client can see. */
export interface Service {
  readonly status: number
  readonly answer?: string
  /** The records of a body, each as its client tells it: nested as deeply as that service wants. */
  records(body: Buffer): readonly unknown[]
}

/** One request's body. */
export interface Upload {
  readonly service: Service
  readonly body: Buffer
  readonly gzipped: boolean
}

const azureMonitor: Service = { status: 204, records: parse }

const axiom: Service = {
  status: 200,
  answer: '{"ingested":1,"failed":0,"failures":[],"processedBytes":1,"blocksCreated":0,"walLength":0}',
  records: (body) =>
    body
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown),
}

const loki: Service = {
  status: 204,
  records(body) {
    const { streams } = JSON.parse(body.toString()) as {
      readonly streams: readonly { readonly values: readonly (readonly [string, string])[] }[]
    }
    return streams.flatMap(({ values }) => values.map(([, line]) => readLine(line)))
  },
}

const betterStack: Service = {
  status: 202,
  records: (body) => [...decodeMulti(body)].flat(),
}

const openTelemetry: Service = { status: 200, answer: '{}', records: readOtlp }

const SERVICES: readonly (readonly [RegExp, Service])[] = [
  [/^\/dataCollectionRules\//, azureMonitor],
  [/^\/v1\/datasets\//, axiom],
  [/^\/loki\//, loki],
  [/^\/v1\/logs/, openTelemetry],
  [/^\/$/, betterStack],
]

/** The service that a path belongs to. */
export function serviceOf(path: string): Service {
  const service = SERVICES.find(([pattern]) => pattern.test(path))?.[1]
  if (service === undefined) throw new Error(`Nobody here answers ${path}`)
  return service
}

function parse(body: Buffer): readonly unknown[] {
  return JSON.parse(body.toString()) as readonly unknown[]
}

/** pino-loki's lines are JSON; winston-loki's are the message with its fields as JSON behind it. */
function readLine(line: string): unknown {
  if (line.startsWith('{')) return JSON.parse(line)
  const brace = line.indexOf(' {')
  return { message: line.slice(0, brace), ...(JSON.parse(line.slice(brace)) as object) }
}

interface OtlpValue {
  readonly stringValue?: string
  readonly intValue?: number | string
  readonly doubleValue?: number
  readonly boolValue?: boolean
  readonly kvlistValue?: { readonly values: readonly OtlpAttribute[] }
}

interface OtlpAttribute {
  readonly key: string
  readonly value: OtlpValue
}

interface OtlpLogs {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly {
      readonly logRecords: readonly {
        readonly body: OtlpValue
        readonly attributes: readonly OtlpAttribute[]
      }[]
    }[]
  }[]
}

// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
function readOtlp(body: Buffer): readonly unknown[] {
  const { resourceLogs } = JSON.parse(body.toString()) as OtlpLogs
  return resourceLogs
    .flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords))
    .map((record) => Object.assign(plainOf(record.attributes), { message: plain(record.body) }))
}

function plain(value: OtlpValue): unknown {
  if (value.kvlistValue !== undefined) return plainOf(value.kvlistValue.values)
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? Number(value.intValue)
}

function plainOf(attributes: readonly OtlpAttribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]))
}
