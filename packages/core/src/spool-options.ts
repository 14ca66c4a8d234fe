/** Where rows are kept on disk until they are delivered. Plain data. */
export interface SpoolOptions {
  /**
   * Directory on a local disk or a persistent volume, for this user alone: it is made with mode 0700 when it is missing, and
   * refused when others may write to it. Any number of processes and hosts can share it.
   */
  readonly directory: string
  /**
   * `'wal'`: every row is in a file by the end of the event-loop turn in which it was pushed, so that `kill -9` loses at most
   * the rows of that turn. `'spill'`: a file is written when memory is short, when a batch has failed for ten seconds, and
   * when the process ends on a way that runs JavaScript; `kill -9` loses what is in memory.
   * @default 'wal'
   */
  readonly durability?: 'wal' | 'spill'
  /**
   * Bytes that this process may keep there, what it took over from dead ones included. When they are used up, `overflow`
   * decides: `'drop-newest'` writes no more, and new rows have only memory; `'drop-oldest'` removes the oldest file.
   * @default 1_073_741_824
   */
  readonly maxBytes?: number
  /**
   * Bytes that are left free on the volume.
   * @default 33_554_432
   */
  readonly minFreeBytes?: number
  /**
   * Waits for the disk: `durable()` then holds for a loss of power too, and what has been written is flushed after every turn.
   * @default false
   */
  readonly fsync?: boolean
  /**
   * Throws at construction when the spool cannot be used, instead of going on in memory and trying again.
   * @default false
   */
  readonly required?: boolean
}

/** The spool's options with every default filled in. */
export interface SpoolConfig {
  readonly directory: string
  readonly durability: 'wal' | 'spill'
  readonly maxBytes: number
  readonly minFreeBytes: number
  readonly fsync: boolean
  readonly required: boolean
}
