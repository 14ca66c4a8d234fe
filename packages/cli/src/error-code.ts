/**
 * Every code that a failing command prints, and what it means. They are a contract: scripts branch on them (`--json` gives
 * them as `error.code`), not on messages. AZL1 the command line and its set-up · AZL2 schema, init, diff, migrate · AZL3
 * the way to the service · AZL4 send · AZL5 spool · AZL6 query · AZL7 dev.
 */
export const ERROR_CODES = {
  AZL1000: 'something failed that should not; please report it',
  AZL1001: 'an unknown command, flag or value, or one that is missing',
  AZL1002: 'a file that was named cannot be read or written',
  AZL1003: 'endpoint, rule id, stream or credential is missing or malformed',
  AZL1004: 'the schema file is no usable azlogs.schema.json',
  AZL1005: 'this needs a terminal to ask in, and there is none',
} as const

/** One of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES
