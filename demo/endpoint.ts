import { startEmulator } from '@azlogs/emulator'
import type { Emulator, ScriptedAnswer } from '@azlogs/emulator'

/** The emulator, with a running count of what it does. */
export interface Endpoint extends AsyncDisposable {
  readonly emulator: Emulator
  readonly storedRows: number
  /** What it did instead of answering 204, and how often. */
  readonly troubles: ReadonlyMap<string, number>
  /** Treats the next requests badly. */
  haveBadDay(): void
  /** True when it has had its bad day. */
  readonly recovered: boolean
}

const busy: ScriptedAnswer = {
  status: 429,
  headers: { 'Retry-After': '1' },
  body: { error: { code: 'TooManyRequests', message: 'The data collection rule is over its limit.' } },
}
const unavailable: ScriptedAnswer = { status: 503 }
const lostRequest: ScriptedAnswer = { reset: 'before' }
/** Stored, but nobody hears of it: the sender must send again, and makes duplicates. */
const lostAnswer: ScriptedAnswer = { reset: 'after' }

/** What becomes of one request after the other. */
const BAD_HOUR: readonly ScriptedAnswer[] = [busy, lostRequest, lostAnswer, busy, unavailable, lostRequest]
const BAD_DAY: readonly ScriptedAnswer[] = [...BAD_HOUR, ...BAD_HOUR]

/** Starts the Logs Ingestion API on loopback. */
export async function startEndpoint(onRecovery: () => void): Promise<Endpoint> {
  const troubles = new Map<string, number>()
  let storedRows = 0
  let troublesLeft = BAD_DAY.length
  const emulator = await startEmulator({
    onVerdict({ rowsStored, status }) {
      storedRows += rowsStored
      if (status === 204) return
      // 0 stands for no answer at all.
      const trouble = status === 0 ? 'reset' : String(status)
      troubles.set(trouble, (troubles.get(trouble) ?? 0) + 1)
      troublesLeft -= 1
      if (troublesLeft === 0) onRecovery()
    },
  })
  return {
    emulator,
    troubles,
    get storedRows() {
      return storedRows
    },
    haveBadDay() {
      emulator.answerNext(...BAD_DAY)
    },
    get recovered() {
      return troublesLeft <= 0
    },
    [Symbol.asyncDispose]: () => emulator.close(),
  }
}
