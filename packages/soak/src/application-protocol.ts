import type { Problem, ShipperStats } from '@azlogs/core'

import type { Kind, Slot } from './slots.ts'

/** What an application is told at its start, as JSON in its first argument. */
export interface ApplicationSettings {
  readonly kind: Kind
  /** Its name, which its records carry. */
  readonly life: string
  readonly perSecond: number
  /** With the whole path of the directory. */
  readonly spool: Slot['spool']
}

/** What it is told later, over IPC. `end` stops logging and lets the event loop run empty, `close` closes the logger first. */
export type Order = 'exit' | 'throw' | 'end' | 'close'

export type Stats = Pick<
  ShipperStats,
  'accepted' | 'delivered' | 'quarantined' | 'dropped' | 'pending' | 'recovered'
>

/** What it says, a line of JSON each, written synchronously: what has been said cannot be taken back by a kill. */
export type Claim =
  /** Records 0 to n - 1 have been logged, or will be in this turn. */
  | { readonly says: 'logged'; readonly n: number }
  /** Records 0 to n - 1 are delivered, quarantined, or among the `dropped`. */
  | { readonly says: 'settled'; readonly n: number; readonly dropped: number }
  /** Records 0 to n - 1 survive whatever becomes of the process, but for the `dropped`. */
  | { readonly says: 'kept'; readonly n: number; readonly dropped: number }
  | { readonly says: 'stats'; readonly stats: Stats }
  | {
      readonly says: 'problem'
      readonly kind: Problem['kind']
      readonly code: string
      readonly recordCount: number
      /** Numbers of the records that were handed over. */
      readonly numbers: readonly number[]
    }
  | { readonly says: 'closed'; readonly stats: Stats | undefined }
