import type { SchemaLock } from '../schema/lock.ts'

/** A file to write; the path is relative to the project's folder, with slashes. */
export interface GeneratedFile {
  readonly path: string
  readonly text: string
  /** @default false */
  readonly executable?: boolean
}

/** What every generator works from. */
export interface GenerateInput {
  readonly lock: SchemaLock
  /** Default name of the data collection rule. */
  readonly ruleName: string
}

/** Lines as the text of a file. */
export function textOf(...lines: readonly string[]): string {
  return `${lines.join('\n')}\n`
}

/** JSON as the text of a file. */
export function jsonOf(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

export const ORIGIN = 'Written by azlogs from azlogs.schema.json: change that and run "azlogs init --update".'
