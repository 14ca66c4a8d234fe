import { createHash } from 'node:crypto'

import type { Slot } from './slots.ts'

/** How an application is ended; `end` lets its event loop run empty. */
export type Way = 'SIGKILL' | 'SIGTERM' | 'exit' | 'throw' | 'end'

/** What happens, and when: `at` is a share of the period. */
export type PlannedEvent = { readonly at: number } & (
  | { readonly kind: 'fault'; readonly text: string; readonly until: number }
  | { readonly kind: 'down'; readonly until: number }
  | { readonly kind: 'kill'; readonly slot: string; readonly way: Way; readonly restartAfterMs: number }
)

const WAYS: readonly Way[] = ['SIGKILL', 'SIGKILL', 'SIGTERM', 'exit', 'throw', 'end']

/** In the grammar of the emulator. */
const FAULTS = [
  '429:30%:retry-after=2s',
  '500:25%',
  '503:25%:retry-after=1s',
  'reset-before:15%',
  'reset-after:15%',
  'half:15%',
  'latency:600±500ms',
  '413:2%',
  '400:3%',
  'token-rejected:30%',
  'token-expired:15%',
  '403',
  'hang:2%',
] as const

/** Chance, in a period, that the endpoint goes down, and that an application is ended. */
const DOWN_CHANCE = 0.5
const KILL_CHANCE = 0.7

/** The last share of a period in which nothing new begins. */
const CALM = 0.15

/**
 * The faults and the kills of a period, earliest first: the same for the same seed and the same applications, whatever happened
 * before.
 */
export function planOf(seed: number, period: number, slots: readonly Slot[]): readonly PlannedEvent[] {
  const draw = (name: string): number => drawOf(`${seed}/${period}/${name}`)
  const pick = <Item>(name: string, items: readonly Item[]): Item =>
    items[Math.floor(draw(name) * items.length)] as Item
  const between = (name: string, least: number, most: number): number => least + draw(name) * (most - least)

  const events: PlannedEvent[] = []
  const windows = 1 + Math.floor(draw('windows') * 3)
  for (let window = 0; window < windows; window += 1) {
    const at = between(`fault ${window} at`, 0, 1 - CALM)
    const until = Math.min(1, at + between(`fault ${window} for`, 0.1, 0.35))
    events.push({ kind: 'fault', at, until, text: pick(`fault ${window}`, FAULTS) })
  }
  if (draw('down') < DOWN_CHANCE) {
    const at = between('down at', 0, 1 - CALM)
    events.push({ kind: 'down', at, until: at + between('down for', 0.03, 0.14) })
  }
  for (const { name, mortal } of slots) {
    if (!mortal || draw(`${name} dies`) >= KILL_CHANCE) continue
    events.push({
      kind: 'kill',
      at: between(`${name} at`, 0, 1 - CALM),
      slot: name,
      way: pick(`${name} way`, WAYS),
      restartAfterMs: Math.round(between(`${name} rest`, 0, 2000)),
    })
  }
  return events.sort((one, other) => one.at - other.at)
}

/** A number in [0, 1) that depends on the name alone: no draw shifts another. */
function drawOf(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32BE() / 2 ** 32
}
