import { computed, signal } from '@preact/signals'

import type { NumberedVerdict } from '../../src/viewer-protocol.ts'
import { throughputOf } from '../model/throughput.ts'

/** Verdicts that the page keeps. */
const CAPACITY = 10_000

export const VERDICT_KINDS = ['all', 'losses', 'failed'] as const
export type VerdictKind = (typeof VERDICT_KINDS)[number]

/** Oldest first. */
export const verdicts = signal<readonly NumberedVerdict[]>([])
export const verdictKind = signal<VerdictKind>('all')
export const selectedVerdict = signal<number | undefined>(undefined)

export const shownVerdicts = computed(() =>
  verdicts.value.filter((verdict) => isKind(verdict, verdictKind.value)).toReversed(),
)

/** Ticks once a second, so that the throughput falls when nothing comes. */
const nowMs = signal(Date.now())
export const throughput = computed(() => throughputOf(verdicts.value, nowMs.value))

export function startClock(): void {
  setInterval(() => (nowMs.value = Date.now()), 1_000)
}

export function takeVerdicts(more: readonly NumberedVerdict[]): void {
  verdicts.value = [...verdicts.value, ...more].slice(-CAPACITY)
  nowMs.value = Date.now()
}

export function resetVerdicts(): void {
  verdicts.value = []
  selectedVerdict.value = undefined
}

export function isKind(verdict: NumberedVerdict, kind: VerdictKind): boolean {
  if (kind === 'losses') return verdict.losses.length > 0
  return kind === 'all' || verdict.status < 200 || verdict.status > 299
}

/** Moves the selection; without one it starts at the newest, which is at the top. */
export function moveVerdict(by: number): void {
  const shown = shownVerdicts.value
  const current = shown.findIndex((verdict) => verdict.number === selectedVerdict.value)
  const next = current === -1 ? 0 : Math.max(0, Math.min(shown.length - 1, current + by))
  selectedVerdict.value = shown[next]?.number
}
