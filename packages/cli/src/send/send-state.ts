import { createHash } from 'node:crypto'
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'

import { CliError, fileError } from '../cli-error.ts'
import type { GivenDestination } from '../destination-args.ts'
import type { Range } from './index-set.ts'

/** What a file is recognised by when its upload goes on later. */
export interface FileIdentity {
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
  /** SHA-256 of its first 64 KiB, as hexadecimal digits. */
  readonly head: string
}

/** How far the upload of a file got, on disk. */
export interface SendState {
  readonly version: 1
  readonly file: FileIdentity
  readonly destination: string
  /** How its records became rows: the rest must become rows in the same way. */
  readonly map: string
  /** Numbers of the records that need not be sent again. */
  readonly settled: readonly Range[]
}

const HEAD_BYTES = 64 * 1024

/** @throws CliError when the file cannot be read. */
export async function identify(path: string): Promise<FileIdentity> {
  try {
    await using file = await open(path)
    const { size, mtimeMs } = await file.stat()
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    const head = createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex')
    return { path: resolve(path), size, mtimeMs, head }
  } catch (error) {
    throw fileError(path, error)
  }
}

/** The destination in a form that can be compared. */
export function destinationKey({ endpoint, ruleId, streamName }: GivenDestination): string {
  return [endpoint, ruleId, streamName].join(' ')
}

/**
 * The state that an interrupted upload left, or undefined when there is none.
 *
 * @throws CliError `AZL4001` when it is of another file, another content or another destination.
 */
export async function readState(
  statePath: string,
  file: FileIdentity,
  destination: string,
): Promise<SendState | undefined> {
  let text: string
  try {
    text = await readFile(statePath, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw fileError(statePath, error)
  }
  const state = parse(text)
  const problem = problemOf(state, file, destination)
  if (problem === undefined) return state
  throw new CliError('AZL4001', `${file.path}: ${problem} (${statePath}).`, {
    remedy: 'Give --restart to send all of it, what was accepted before included.',
    exitCode: 2,
  })
}

function parse(text: string): SendState | undefined {
  try {
    return JSON.parse(text) as SendState
  } catch {
    return undefined
  }
}

function problemOf(
  state: SendState | undefined,
  file: FileIdentity,
  destination: string,
): string | undefined {
  if (state?.version !== 1 || !Array.isArray(state.settled))
    return 'what was noted of its upload cannot be read'
  const { path, size, mtimeMs, head } = state.file
  if (path !== file.path) return `what was noted is of another file, ${path}`
  if (head !== file.head || size !== file.size || mtimeMs !== file.mtimeMs) {
    return 'it has changed since its upload was interrupted'
  }
  return state.destination === destination
    ? undefined
    : `its upload was on its way to ${state.destination}, and now goes to ${destination}`
}

/** Replaces the state on disk: a crash leaves the old one or the new one. */
export async function writeState(statePath: string, state: SendState): Promise<void> {
  const temporary = `${statePath}.tmp`
  await writeFile(temporary, JSON.stringify(state), { mode: 0o600 })
  await rename(temporary, statePath)
}

export async function removeState(statePath: string): Promise<void> {
  await rm(statePath, { force: true })
}
