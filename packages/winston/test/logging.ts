import type { Emulator } from '@azlogs/emulator'
import { AzureLogsTransport } from '@azlogs/winston'
import type { AzureLogsTransportOptions } from '@azlogs/winston'
import winston from 'winston'

type Row = Readonly<Record<string, unknown>>

/** Where the emulator is, as transport options. */
export function toEmulator(emulator: Emulator): AzureLogsTransportOptions {
  const { url, ruleId, streamName, credential } = emulator
  return { endpoint: url, ruleId, streamName, credential }
}

/** What arrives of what `log` logs with a real logger. */
export async function rowsOf(
  emulator: Emulator,
  log: (logger: winston.Logger) => void,
  loggerOptions: winston.LoggerOptions = {},
  transportOptions: AzureLogsTransportOptions = {},
): Promise<readonly Row[]> {
  const transport = new AzureLogsTransport({ ...toEmulator(emulator), ...transportOptions })
  const logger = winston.createLogger({ level: 'silly', ...loggerOptions, transports: [transport] })
  log(logger)
  await transport.flush()
  return emulator.rows()
}

/** The only row that arrives. */
export async function rowOf(...parameters: Parameters<typeof rowsOf>): Promise<Row> {
  const rows = await rowsOf(...parameters)
  if (rows.length !== 1) throw new Error(`expected one row, there are ${rows.length}`)
  return rows[0]!
}
