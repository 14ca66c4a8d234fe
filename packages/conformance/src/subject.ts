/** A logger with one of our transports behind it, as the suite sees it. */
export interface OpenLogger {
  /** Logs through the real logger, the way its users do. */
  log(level: string, message: string, extra?: LogExtra): void
  /** Resolves when everything logged before is delivered. */
  flush(): Promise<void>
  /** Ends the logger the way its users do, and resolves when that is done. */
  close(): Promise<void>
}

interface LogExtra {
  readonly properties?: Readonly<Record<string, unknown>>
  readonly error?: unknown
}

/** What may be lost when a process ends, as the READMEs say. */
export type Fate = 'delivered' | 'lost and reported' | 'lost with the process'

/** One way in, for the suite. */
export interface Subject {
  readonly name: string
  /** The logger's levels with the OpenTelemetry severity that each must get. */
  readonly levels: Readonly<Record<string, number>>
  readonly fates: {
    readonly normalEnd: Fate
    readonly processExit: Fate
    readonly uncaughtException: Fate
    readonly sigterm: Fate
  }
  /** Opens a logger that takes its settings from the environment. */
  open(): OpenLogger
}
