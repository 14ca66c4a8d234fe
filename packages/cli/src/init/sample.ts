import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'

import { CliError, messageOf } from '../cli-error.ts'
import { isCanary } from '../doctor/canary-row.ts'
import { createLineReader } from '../lines/line-reader.ts'
import type { LineReader, LineReaderOptions } from '../lines/line-reader.ts'
import type { LineFormat } from '../lines/line-format.ts'
import { linesOfFile } from '../lines/sample-source.ts'
import { createSchemaInference } from '../schema/proposal.ts'
import type { SchemaInference } from '../schema/proposal.ts'

/** Rows to infer from, and what they came from. */
export interface Sample {
  readonly inference: SchemaInference
  rows: number
  /** Lines that are no JSON object. */
  readonly textLines: number
  readonly formats: Readonly<Partial<Record<LineFormat, number>>>
}

interface SampleCollector {
  /** Takes a line and gives it back as people read it, or undefined for a blank one. */
  add(line: string): string | undefined
  readonly sample: Sample
}

function createSampleCollector(format: LineReaderOptions['format'] = 'auto'): SampleCollector {
  const reader: LineReader = createLineReader({ format })
  const inference = createSchemaInference()
  const formats: Partial<Record<LineFormat, number>> = {}
  const sample = { inference, rows: 0, textLines: 0, formats }
  return {
    sample,
    add(line) {
      if (line.trim() === '') return undefined
      const read = reader.read(line)
      if (read === undefined) {
        sample.textLines += 1
        return stripVTControlCharacters(line)
      }
      sample.rows += 1
      formats[read.format] = (formats[read.format] ?? 0) + 1
      inference.add(read.row)
      return prettyLine(read.row)
    },
  }
}

/** @throws CliError `AZL1002` for a file that cannot be read. */
export async function sampleFiles(
  paths: readonly string[],
  format: LineReaderOptions['format'],
): Promise<Sample> {
  const collector = createSampleCollector(format)
  for (const path of paths) {
    for await (const line of linesOfFile(path)) collector.add(line)
  }
  return collector.sample
}

/**
 * The rows that a running emulator has stored in its first table, but for those of `azlogs doctor --send`.
 *
 * @throws CliError `AZL2001` when nothing like an emulator answers at `url`.
 */
export async function sampleEmulator(url: string): Promise<Sample> {
  const collector = createSampleCollector()
  const ask = async (path: string): Promise<Response> => {
    const response = await fetch(new URL(path, url))
    if (!response.ok) throw new Error(`${path} answers ${response.status}`)
    return response
  }
  try {
    const { tables } = (await (await ask('/viewer/api/about')).json()) as {
      readonly tables: readonly { readonly name: string }[]
    }
    const rows = await ask(`/viewer/api/export?table=${encodeURIComponent(tables[0]?.name ?? '')}`)
    for (const line of (await rows.text()).split('\n')) if (!isCanary(line)) collector.add(line)
  } catch (error) {
    throw new CliError('AZL2001', `There is no azlogs dev at ${url}: ${messageOf(error)}.`, {
      remedy: 'Start npx azlogs dev and let the application log into it, or name it with --dev-url.',
      exitCode: 2,
      cause: error,
    })
  }
  return collector.sample
}

/** What to say when there is nothing to infer from. */
export function noSample({ textLines }: Sample): CliError {
  return textLines === 0
    ? new CliError('AZL2001', 'The sample is empty.', {
        remedy:
          'Let the application print JSON lines. If it logs through a transport only, let it log into npx azlogs dev, and use --from-dev.',
        exitCode: 2,
      })
    : new CliError('AZL2001', `None of the ${textLines} lines of the sample is a JSON object.`, {
        remedy:
          'Let the logger write JSON: pino does by itself (leave out pino-pretty), winston with format.json().',
        exitCode: 2,
      })
}

/**
 * Reads stdin to its end, or until Ctrl-C: that ends the application in front of the pipe, and what it has said so far
 * is the sample.
 */
export async function sampleStdin(
  format: LineReaderOptions['format'],
  echo: (line: string) => void,
): Promise<Sample> {
  const collector = createSampleCollector(format)
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
  const stop = (): void => lines.close()
  process.once('SIGINT', stop)
  try {
    for await (const line of lines) {
      const shown = collector.add(line)
      if (shown !== undefined) echo(shown)
    }
  } finally {
    process.off('SIGINT', stop)
    process.stdin.destroy()
  }
  return collector.sample
}

function prettyLine(row: Readonly<Record<string, unknown>>): string {
  const { TimeGenerated: time, Level: level, Message: message, Logger: logger, ErrorStack: stack } = row
  const head = [
    String(time).slice(11, 23),
    (typeof level === 'string' ? level : '').toUpperCase().padEnd(5),
    logger,
    message,
  ]
  const line = head.filter((part) => part !== undefined && part !== '').join(' ')
  return stripVTControlCharacters(typeof stack === 'string' ? `${line}\n${stack}` : line)
}
