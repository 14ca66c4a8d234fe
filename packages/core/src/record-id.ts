import { randomBytes } from 'node:crypto'

const instance = randomBytes(6).toString('hex')
let sequence = 0

/**
 * An id that no other record has: this process instance and a running number. It is given once, when the record is
 * accepted, so that `summarize take_any(*) by RecordId` finds the copies that a retry may have made.
 */
export function nextRecordId(): string {
  sequence += 1
  return `${instance}-${sequence}`
}
