import type { Record } from '../load/records.ts'

/** An application's logger with one transport behind it. */
export interface LoggerSubject<Logger = unknown> {
  /** What the host calls a logger. */
  readonly logger: Logger
  /** One call of it. */
  log(record: Record): void
  /** Resolves when the transport has done what it can to deliver everything. */
  end(): Promise<void>
}

/** Makes a logger that writes to the double of its transport's service at `url`. */
export type CreateLogger<Logger = unknown> = (
  url: string,
) => LoggerSubject<Logger> | Promise<LoggerSubject<Logger>>
