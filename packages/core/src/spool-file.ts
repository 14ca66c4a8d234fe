import type { Batch } from './batch.ts'

/** A file of the spool: the rows of one batch, until they are settled. */
export interface SpoolFile {
  readonly path: string
  /** Its size, in bytes. */
  bytes: number
  /** Every row of its batch is in it, and on the disk where that was asked for. */
  complete: boolean
  /** Batches with rows of this file that are not settled; 0 while nobody has read it. */
  parts: number
  /** Its rows are in several batches, or changed: only all of them together can be read from it again. */
  divided: boolean
  /** Stands in the books for its rows while they are in no memory; undefined when they are another process's rows. */
  stub: Batch | undefined
}
