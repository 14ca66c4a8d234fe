import type { SpoolOptions } from '@azlogs/core'

/** The way that an application's records take. */
export type Kind = 'core' | 'winston' | 'winston-worker' | 'pino-worker' | 'pino-stream'

/** A place for an application: when it dies, the next one takes its place. */
export interface Slot {
  readonly name: string
  readonly kind: Kind
  /** The plan ends it now and then. What never ends shows leaks. */
  readonly mortal: boolean
  /** Without it, records are in memory only. `directory` is a name within the run's own folder; slots may share one. */
  readonly spool?: Pick<SpoolOptions, 'directory' | 'durability' | 'maxBytes'>
  /** Records a second, when it is not what the run says. */
  readonly perSecond?: number
}

const SHARED = { directory: 'shared', durability: 'wal' } as const

/** A spool that an outage of some seconds fills up. */
const SMALL = { directory: 'small', durability: 'wal', maxBytes: 250_000 } as const

export const SLOTS: readonly Slot[] = [
  { name: 'core-wal', kind: 'core', mortal: true, spool: SHARED },
  { name: 'pino-worker-wal', kind: 'pino-worker', mortal: true, spool: SHARED },
  { name: 'pino-worker-memory', kind: 'pino-worker', mortal: true },
  {
    name: 'pino-stream-spill',
    kind: 'pino-stream',
    mortal: true,
    spool: { directory: 'pino-stream', durability: 'spill' },
  },
  { name: 'winston-memory', kind: 'winston', mortal: true },
  {
    name: 'winston-worker-wal',
    kind: 'winston-worker',
    mortal: true,
    spool: { directory: 'winston-worker', durability: 'wal' },
  },
  { name: 'winston-worker-memory', kind: 'winston-worker', mortal: true },
  { name: 'steady-core-memory', kind: 'core', mortal: false },
  { name: 'steady-winston-wal', kind: 'winston', mortal: false, spool: SHARED },
  {
    name: 'steady-winston-worker-spill',
    kind: 'winston-worker',
    mortal: false,
    spool: { directory: 'steady-winston-worker', durability: 'spill' },
  },
  {
    name: 'steady-pino-worker-spill',
    kind: 'pino-worker',
    mortal: false,
    spool: { directory: 'steady-pino-worker', durability: 'spill' },
  },
  { name: 'steady-pino-stream-small-wal', kind: 'pino-stream', mortal: false, spool: SMALL },
]
