import { mkdtemp, rm } from 'node:fs/promises'
import { rmSync } from 'node:fs'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { createAccounts } from './accounts.ts'
import type { Account, Violation } from './accounts.ts'
import { startEndpoint } from './endpoint.ts'
import type { EndpointTotals } from './endpoint-protocol.ts'
import { startLife } from './life.ts'
import type { Life } from './life.ts'
import { createMeasurements } from './measurements.ts'
import { watchPauses } from './pauses.ts'
import { planOf } from './plan.ts'
import type { PlannedEvent, Way } from './plan.ts'
import type { SoakResult, SpoolMoment } from './result.ts'
import type { Slot } from './slots.ts'
import { readSpools, spoolSize } from './spool-contents.ts'

export interface SoakOptions {
  readonly minutes: number
  readonly seed: number
  readonly perSecond: number
  readonly slots: readonly Slot[]
  /** The applications' script. */
  readonly program?: string
  readonly print: (line: string) => void
  /** Ends it early, with nothing left behind. */
  readonly signal: AbortSignal
}

/** Between two checks, unless the run is too short for three. */
const PERIOD_MS = 60_000
const LEAST_PERIODS = 3

const SAMPLE_MS = 5000

/** Looks at the spools until a record counts as missing: a file may be on its way from one directory to another. */
const LOOKS = 3

/** Looks until the last spool must be empty. */
const DRAIN_LOOK_MS = 200
const DRAIN_LOOKS = 600

/** Requests of an application that are under way at once, as `application.ts` sets it. */
const CONCURRENCY = 4

/** Runs applications against the emulator, with faults and kills, and holds what they say against what has been stored. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { minutes, seed, perSecond, slots, print, signal } = options
  const program = options.program ?? fileURLToPath(new URL('application-process.ts', import.meta.url))
  const periodMs = Math.min(PERIOD_MS, (minutes * 60_000) / LEAST_PERIODS)
  const periods = Math.round((minutes * 60_000) / periodMs)
  const startedAt = performance.now()
  const minuteNow = (): number => (performance.now() - startedAt) / 60_000

  const accounts = createAccounts()
  const measurements = createMeasurements(minuteNow)
  const pauses = watchPauses()
  const lives = new Map<string, Life>()
  const generations = new Map<string, number>()
  const kills: Partial<Record<Way, number>> = {}
  const spools: SpoolMoment[] = []
  const violations: Violation[] = []
  const failing = new AbortController()
  const stop = AbortSignal.any([signal, failing.signal])
  let checks = 0
  let finished = false
  let totals: EndpointTotals | undefined

  const folder = await mkdtemp(join(tmpdir(), 'azlogs-soak-'))
  const spoolRoot = join(folder, 'spools')
  const children = new Set<ChildProcess>()
  const onStarted = (child: ChildProcess): void => {
    children.add(child)
    child.once('exit', () => children.delete(child))
  }
  /** Whatever ends this process, its children do not outlive it. */
  const killAll = (): void => {
    for (const child of children) child.kill('SIGKILL')
  }
  const clean = (): void => {
    killAll()
    rmSync(folder, { recursive: true, force: true })
  }
  process.on('exit', clean)

  const endpoint = await startEndpoint({
    seed,
    database: join(folder, 'emulator.sqlite'),
    onRows: (rows) => accounts.stored(rows),
    onStarted,
  })
  endpoint.failed.catch((error: Error) => {
    if (!stop.aborted && !finished) fail({ life: 'the emulator', what: error.message, numbers: [] })
  })
  function fail(violation: Violation): void {
    violations.push(violation)
    failing.abort()
  }

  function start(slot: Slot): Life {
    const generation = (generations.get(slot.name) ?? 0) + 1
    generations.set(slot.name, generation)
    const life = `${slot.name}.${generation}`
    accounts.open(life)
    const { kind, spool } = slot
    const started = startLife({
      program,
      settings: {
        kind,
        life,
        perSecond: slot.perSecond ?? perSecond,
        spool: spool === undefined ? undefined : { ...spool, directory: join(spoolRoot, spool.directory) },
      },
      env: endpoint.env,
      onClaim: (claim) => accounts.heard(life, claim),
      onPrinted: (line) => accounts.printed(life, line),
      onStarted,
    })
    void started.ended.then(() => {
      const surprise = started.surprise()
      if (surprise !== undefined && !stop.aborted && !finished) fail({ life, what: surprise, numbers: [] })
    })
    return started
  }

  async function end(life: Life, way: Way | 'close'): Promise<void> {
    await life.running
    if (await life.end(way)) accounts.ended(life.name, way)
    else fail({ life: life.name, what: life.surprise() ?? 'did not end', numbers: [] })
  }

  async function killAndRestart(slotName: string, way: Way, restartAfterMs: number): Promise<void> {
    const slot = slots.find(({ name }) => name === slotName)
    const life = lives.get(slotName)
    // The one before may still be on its way out.
    if (slot === undefined || life === undefined) return
    lives.delete(slotName)
    await end(life, way)
    kills[way] = (kills[way] ?? 0) + 1
    await sleep(restartAfterMs, undefined, { signal: stop })
    lives.set(slotName, start(slot))
  }

  const restarting = new Set<Promise<void>>()
  const faults: string[] = []

  /** What the events of a plan come to, each at its time. */
  function stepsOf(event: PlannedEvent): readonly { readonly at: number; readonly act: () => void }[] {
    switch (event.kind) {
      case 'fault':
        return [
          {
            at: event.at,
            act() {
              faults.push(event.text)
              endpoint.setFaults(faults)
            },
          },
          {
            at: event.until,
            act() {
              faults.splice(faults.indexOf(event.text), 1)
              endpoint.setFaults(faults)
            },
          },
        ]
      case 'down':
        return [
          { at: event.at, act: () => endpoint.goDown() },
          { at: event.until, act: () => endpoint.comeUp() },
        ]
      case 'kill':
        return [
          {
            at: event.at,
            act() {
              const restart = killAndRestart(event.slot, event.way, event.restartAfterMs).catch(() => {})
              restarting.add(restart)
              void restart.then(() => restarting.delete(restart))
            },
          },
        ]
      default:
        return event satisfies never
    }
  }

  async function runPeriod(period: number): Promise<void> {
    const begin = performance.now()
    const steps = planOf(seed, period, slots)
      .flatMap(stepsOf)
      .sort((one, other) => one.at - other.at)
    for (const { at, act } of [...steps, { at: 1, act() {} }]) {
      const waitMs = begin + at * periodMs - performance.now()
      if (waitMs > 0) await sleep(waitMs, undefined, { signal: stop })
      act()
    }
  }

  async function look(claims: readonly Account[]): Promise<readonly Violation[]> {
    const { waiting, refused } = await readSpools(spoolRoot)
    accounts.refused(refused)
    totals = await endpoint.sync()
    return accounts.verify(claims, waiting)
  }

  /** Copies that an answer which did not arrive can make: cut off by a fault, or by an end or a pause of the sender. */
  function allowedDuplicates(ends: number): number {
    const { ambiguousRows = 0, largestRequest = 0 } = totals ?? {}
    const interrupted = ends + pauses.count * slots.length
    return ambiguousRows + interrupted * CONCURRENCY * largestRequest
  }

  /** Holds the claims of this instant against what is in the table and in the spools after it. */
  async function check(): Promise<void> {
    const claims = accounts.claims()
    let found = await look(claims)
    for (let looks = 1; looks < LOOKS && found.length > 0; looks += 1) {
      await sleep(300)
      found = await look(claims)
    }
    violations.push(...found)
    checks += claims.length
    const ends = Object.values(kills).reduce((sum, count) => sum + count, 0)
    const allowed = allowedDuplicates(ends + restarting.size)
    if (accounts.duplicates > allowed) {
      const what = `${accounts.duplicates} records came twice, and ${allowed} at most could`
      violations.push({ life: 'all', what, numbers: [] })
    }
    const size = await spoolSize(spoolRoot)
    spools.push({ minute: minuteNow(), ...size })
    const records = accounts.storedRecords.toLocaleString('en')
    print(
      `minute ${minuteNow().toFixed(1)}: ${records} records stored, ${ends} ends, ${accounts.duplicates} duplicates, ` +
        `${(size.bytes / 1e6).toFixed(2)} MB in the spools, ${claims.length} processes checked: ` +
        (violations.length === 0 ? 'all accounted for' : `${violations.length} VIOLATIONS`),
    )
  }

  /** Ends everything the way its users do, and has others send what is left in the spools. */
  async function finish(): Promise<void> {
    endpoint.setFaults([])
    endpoint.comeUp()
    await Promise.all(restarting)
    await Promise.all(Array.from(lives.values(), (life) => end(life, 'close')))
    lives.clear()
    const directories = new Set(slots.flatMap(({ spool }) => (spool === undefined ? [] : [spool.directory])))
    await Promise.all(Array.from(directories, drain))
  }

  async function drain(directory: string): Promise<void> {
    const heir = start({
      name: `heir of ${directory}`,
      kind: 'core',
      mortal: false,
      spool: { directory, durability: 'wal' },
      perSecond: 0,
    })
    for (let looks = 0; (await spoolSize(join(spoolRoot, directory))).files > 0; looks += 1) {
      if (looks === DRAIN_LOOKS) {
        fail({ life: heir.name, what: 'has not emptied the spool in two minutes', numbers: [] })
        break
      }
      await sleep(DRAIN_LOOK_MS, undefined, { signal: stop })
    }
    await end(heir, 'close')
  }

  const sampling = setInterval(() => {
    measurements.sample('emulator', endpoint.pid)
    measurements.sample('soak', process.pid)
    for (const { name, mortal } of slots) {
      const life = lives.get(name)
      if (!mortal && life !== undefined) measurements.sample(name, life.pid)
    }
  }, SAMPLE_MS)

  try {
    for (const slot of slots) lives.set(slot.name, start(slot))
    await Promise.all(Array.from(lives.values(), ({ running }) => running))
    for (let period = 1; period <= periods && violations.length === 0; period += 1) {
      await runPeriod(period)
      await check()
    }
    if (violations.length === 0) {
      await finish()
      await check()
    }
  } catch (error) {
    if (!stop.aborted) throw error
  } finally {
    finished = true
    clearInterval(sampling)
    pauses.stop()
    killAll()
    await Promise.all(Array.from(children, (child) => once(child, 'exit')))
    await rm(folder, { recursive: true, force: true })
    process.off('exit', clean)
  }

  const claims = accounts.claims()
  return {
    seed,
    minutes: minuteNow(),
    interrupted: signal.aborted,
    violations,
    checks,
    recordsLogged: claims.reduce((sum, { logged }) => sum + logged, 0),
    recordsStored: accounts.storedRecords,
    recordsRefused: accounts.refusedRecords,
    pauses: pauses.count,
    recordsReportedLost: claims.reduce((sum, { reportedLost }) => sum + reportedLost, 0),
    reportedLostBy: lossesOf(claims),
    duplicates: accounts.duplicates,
    processes: claims.length,
    kills,
    endpoint: totals,
    spools,
    measured: measurements.summary(),
  }
}

/** By the place of the application that reported them. */
function lossesOf(claims: readonly Account[]): Readonly<Record<string, number>> {
  const losses: Record<string, number> = {}
  for (const { life, reportedLost } of claims) {
    const slot = life.replace(/\.\d+$/, '')
    if (reportedLost > 0) losses[slot] = (losses[slot] ?? 0) + reportedLost
  }
  return losses
}
