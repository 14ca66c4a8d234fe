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
  AZL2001: 'there is no sample to work from',
  AZL2002: 'a file that would be written is there already, and is different',
  AZL2003: 'what is deployed cannot be read as a table or a data collection rule',
  AZL2004: 'the Azure CLI did not answer',
  AZL3001: 'endpoint, rule id or stream is missing, malformed, or something else that was pasted there',
  AZL3002: 'the host name of the endpoint does not resolve',
  AZL3003: 'no connection to the endpoint',
  AZL3004: 'the certificate of the endpoint is not trusted here',
  AZL3005: 'the proxy refuses, or is not there',
  AZL3006: 'this clock and the service’s are more than five minutes apart',
  AZL3007: 'the credential gives no token',
  AZL3008: 'the token is for another audience, or has expired',
  AZL3009: '401: the token is refused',
  AZL3010: '403: the identity has no role on the rule, or not yet',
  AZL3011: '403: the rule does not name the data collection endpoint that was sent to',
  AZL3012: '403: the role is there; the network is closed',
  AZL3013: '404: no such rule at this endpoint',
  AZL3014: '400: the rule does not declare this stream',
  AZL3015: '413: something on the way takes only smaller requests',
  AZL3016: '429: the rule is at its limit',
  AZL3017: '5xx: the service is in trouble',
  AZL3018: 'something else answers in place of the service',
  AZL3019: 'the service refuses in a way that is not known',
  AZL3020: 'the canary row did not arrive, or not whole',
  AZL3021: 'schema file, stream and table differ',
  AZL3022: 'the rule as deployed cannot work as it is used here',
  AZL4001: 'a file has changed since its upload was interrupted, or was on its way to another place',
  AZL4002: 'the file for the records that fail exists already',
  AZL4003: 'some records were refused, or are no JSON objects',
  AZL4004: 'the upload ended before its time; run it again to go on',
  AZL4005: 'Azure would lose something of this in silence, or refuse it',
  AZL6001: 'it is not known where to ask: neither an emulator nor a workspace is given',
  AZL6002: 'the query is refused: a syntax error, an unknown table or column',
  AZL6003: 'this identity may not query, or there is no such workspace',
  AZL6004: 'the query could not be asked, or its answer is not complete',
  AZL7001: 'the emulator cannot be started as it was asked: a port, a schema or a value',
} as const

/** One of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES
