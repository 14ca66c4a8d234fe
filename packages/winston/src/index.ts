export { AzureLogsTransport } from './transport.ts'
export type { AzureLogsTransportOptions } from './transport-options.ts'
export type { AzureLogsTransportStats } from './transport.ts'
