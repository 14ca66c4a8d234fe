import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'

import type { BenchResult } from '../bench.ts'

/** A run as it is kept: `results.json`. */
export interface Results {
  readonly machine: Machine
  /** When it began, ISO 8601. */
  readonly date: string
  /** Arguments of the command line. */
  readonly command: readonly string[]
  readonly rounds: number
  /** Part of the full load. */
  readonly scale: number
  /** By the name of the bench. */
  readonly benches: Readonly<Record<string, TimedResult>>
}

/** What a bench found, and how long it took. */
export interface TimedResult extends BenchResult {
  readonly seconds: number
}

/** Where it ran. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly node: string
  readonly os: string
}

export function thisMachine(): Machine {
  const [core] = cpus()
  return {
    cpu: core?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1e9),
    node: process.version,
    os: `${type()} ${release()} ${process.arch}`,
  }
}

/** Reads results, and says which file it is that holds none. */
export function readResults(path: string): Results {
  try {
    const results = JSON.parse(readFileSync(path, 'utf8')) as Results
    if (typeof results.benches !== 'object') throw new Error('it has no benches')
    return results
  } catch (error) {
    throw new Error(`${path} holds no results of the bench: ${String(error)}`, { cause: error })
  }
}
