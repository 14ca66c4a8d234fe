/**
 * `@azlogs/core/worker`: what a transport needs whose shipping runs in a worker thread behind thread-stream. Made for
 * `@azlogs/winston` and `@azlogs/pino`. No part of the public interface: it may change or go in any release.
 */
export { skipString, skipValue } from './json-scan.ts'
export { hearProblems } from './problem-event.ts'
export { createRelayedCredential } from './relayed-credential.ts'
export type { CredentialObject, RelayedCredential } from './relayed-credential.ts'
export { relayTokens } from './token-relay.ts'
export { createStandbyShipper } from './shipper.ts'
export { emitInMain, joinChannel } from './worker-channel.ts'
export type { Member } from './worker-channel.ts'
export { askToFlush, workerClosed } from './worker-flush.ts'
export type { FlushQuestion } from './worker-flush.ts'
export { cloneProblems, divideOptions, MAX_WORKER_CLOSE_MS } from './worker-options.ts'
export type { DividedOptions } from './worker-options.ts'
export { createWorkerProblems } from './worker-problems.ts'
export type { WorkerProblems } from './worker-problems.ts'
export type { FlushRequest, WorkerSwitches } from './worker-protocol.ts'
export { createRowWriter, WrittenRow } from './written-row.ts'
export type { WrittenEntry } from './written-row.ts'
export { createWorkerStats } from './worker-stats.ts'
export type { WorkerStats } from './worker-stats.ts'
