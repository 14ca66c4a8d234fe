/**
 * `@azlogs/core/internal`: the parts that our own simulations and the command line put together in their own way. No
 * part of the public interface: it may change or go in any release.
 */
export type { Clock } from './clock.ts'
export { createCredential } from './credential.ts'
export { checkDestination, isLoopback, uploadUrl } from './destination.ts'
export type { Destination } from './destination.ts'
export { readRecordTexts } from './record-texts.ts'
export type { RecordText } from './record-texts.ts'
export { outcomeOf } from './outcome.ts'
export type { Outcome } from './outcome.ts'
export { createRowFitter } from './row-schema.ts'
export type { Send } from './sender.ts'
export { assembleShipper } from './shipper.ts'
