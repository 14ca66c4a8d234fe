import type { CredentialDescription, RowOptions, ShipperOptions } from '@azlogs/core'

/** How pino writes its lines, for what it does not tell a transport by itself. */
export interface PinoRecordOptions {
  /**
   * pino's `messageKey`.
   * @default what pino says, else 'msg'
   */
  readonly messageKey?: string
  /**
   * pino's `errorKey`.
   * @default what pino says, else 'err'
   */
  readonly errorKey?: string
  /**
   * pino's `nestedKey`, which pino tells nobody: an error or a trace id is looked for inside it too.
   * @default none
   */
  readonly nestedKey?: string
  /**
   * pino's `customLevels`: label → number.
   * @default what pino says
   */
  readonly customLevels?: Readonly<Record<string, number>>
}

/** Everything that `azureLogsTransport` and `createAzureLogsStream` take. */
export interface AzureLogsOptions extends ShipperOptions, RowOptions, PinoRecordOptions {}

/**
 * What `pino.transport({ target: '@azlogs/pino', options })` takes: plain data, because it is cloned into the worker.
 * For a credential object or `onProblem`, see `azureLogsTransport`.
 */
export interface AzureLogsTargetOptions extends Omit<AzureLogsOptions, 'credential' | 'onProblem'> {
  /**
   * Who sends, as plain data.
   * @default 'default'
   */
  readonly credential?: CredentialDescription
}
