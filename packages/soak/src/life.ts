import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

import type { ApplicationSettings, Claim, Order } from './application-protocol.ts'
import type { Way } from './plan.ts'

/** One process of an application, from its start to its end. */
export interface Life {
  readonly name: string
  readonly pid: number
  /** Resolves when it has begun to ship, or has ended. */
  readonly running: Promise<void>
  /** Resolves when it has ended and everything that it said has been heard. */
  readonly ended: Promise<void>
  /** Why it ended, when nobody wanted it to. */
  readonly surprise: () => string | undefined
  tell(order: Order): void
  /** Ends it. Resolves to false when it does not end in time. */
  end(way: Way | 'close'): Promise<boolean>
}

export interface LifeOptions {
  /** The script to run. */
  readonly program: string
  readonly settings: ApplicationSettings
  readonly env: Readonly<Record<string, string>>
  readonly onClaim: (claim: Claim) => void
  readonly onPrinted: (line: string) => void
  readonly onStarted: (child: ChildProcess) => void
}

/** pino holds an ending process for ten seconds at most; a busy machine may need some more. */
const END_SECONDS = 60

/** Lines of stderr that are kept for who asks why a process ended. */
const KEPT_LINES = 30

export function startLife({ program, settings, env, onClaim, onPrinted, onStarted }: LifeOptions): Life {
  const child = fork(program, [JSON.stringify(settings)], {
    execArgv: ['--conditions=dev'],
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // In a group of its own: Ctrl-C is for the soak alone, which ends its applications itself.
    detached: true,
  })
  onStarted(child)
  const lines: string[] = []
  let wanted: Way | 'close' | undefined
  let surprise: string | undefined
  const started = Promise.withResolvers<void>()
  const ended = new Promise<void>((resolve) => {
    child.on('close', (code, signal) => {
      if (wanted === undefined) surprise = `ended by itself (${signal ?? code})\n${lines.join('\n')}`
      started.resolve()
      resolve()
    })
  })
  // A message to a process that has just ended is nobody's concern.
  child.on('error', () => {})
  linesOf(child.stdout, (line) => {
    const claim = JSON.parse(line) as Claim
    if (claim.says === 'stats') started.resolve()
    onClaim(claim)
  })
  linesOf(child.stderr, (line) => {
    lines.push(line)
    if (lines.length > KEPT_LINES) lines.shift()
    onPrinted(line)
  })

  function tell(order: Order): void {
    if (child.connected) child.send(order, () => {})
  }

  /** Second by second: while the machine sleeps, or this process is stopped, no time passes. */
  async function endsWithin(seconds: number): Promise<boolean> {
    for (let left = seconds; left > 0; left -= 1) {
      const isOver = await Promise.race([ended.then(() => true), sleep(1000, false, { ref: false })])
      if (isOver) return true
    }
    return false
  }

  return {
    name: settings.life,
    pid: child.pid ?? 0,
    running: started.promise,
    ended,
    surprise: () => surprise,
    tell,
    async end(way) {
      wanted = way
      if (way === 'SIGKILL' || way === 'SIGTERM') child.kill(way)
      else tell(way)
      const inTime = await endsWithin(END_SECONDS)
      if (!inTime) surprise = `did not end within ${END_SECONDS} s after ${way}\n${lines.join('\n')}`
      return inTime
    },
  }
}

function linesOf(stream: Readable | null, onLine: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine)
}
