import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { setImmediate as nextTurn } from 'node:timers/promises'

import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import { exchangeArbitrary } from './hostile.ts'
import type { Exchange, Target } from './hostile.ts'
import { finish, spawnNode } from './run-node.ts'

/** How long to go on; without it, some rounds. */
const MINUTES = Number(process.env['AZLOGS_FUZZ_MINUTES'] ?? 0)
const SEED = Number(process.env['AZLOGS_FUZZ_SEED'] ?? 1)
const ROUNDS = 6
const EXCHANGES_PER_ROUND = 40
const AT_ONCE = 8
const ROUNDS_PER_REPORT = 50
const MAX_RSS_BYTES = 1_500 * 1024 * 1024
/** A server that has given up all connections still holds a few, and the database. */
const SPARE_DESCRIPTORS = 10

/** The command, in a process of its own: what it holds can be measured from outside. */
async function startTarget() {
  const bin = new URL('../src/bin.ts', import.meta.url)
  const child = spawnNode(bin, [
    '--port',
    '0',
    '--no-https',
    '--json',
    '--quiet',
    '--throttle',
    'off',
    '--retention',
    '100MB',
  ])
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const finished = finish(child)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await finished
  })
  const { url, ruleId, streamName } = JSON.parse(line) as { url: string; ruleId: string; streamName: string }
  await using other = await startEmulator({ https: false, tokenLifetimeSeconds: 7 * 24 * 3600 })
  const { token } = await other.credential.getToken('https://monitor.azure.com/.default')
  const path = `/dataCollectionRules/${ruleId}/streams/${streamName}?api-version=2023-01-01`
  return { child, target: { host: new URL(url).host, path, token } }
}

/** Resolves when the exchange is over, with the socket where it is left open. */
async function play({ host }: Target, { pieces, ending, deaf }: Exchange): Promise<Socket | undefined> {
  const socket = connect(Number(host.split(':')[1]), '127.0.0.1')
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.setNoDelay(true)
  // A reset is what a hostile client must expect.
  socket.on('error', () => {})
  if (deaf) socket.pause()
  else socket.resume()
  await Promise.race([once(socket, 'connect'), closed])
  for (const piece of pieces) {
    if (socket.destroyed) break
    const written = new Promise<void>((resolve) => socket.write(piece, () => resolve()))
    // Who does not read is not written to for ever either.
    await Promise.race([deaf ? nextTurn() : written, closed])
  }
  if (ending === 'leave open' && !socket.destroyed) return socket
  if (ending === 'reset') {
    socket.resetAndDestroy()
  } else {
    socket.resume()
    socket.end()
  }
  await closed
  return undefined
}

async function playAll(target: Target, exchanges: readonly Exchange[]): Promise<readonly Socket[]> {
  const queue = exchanges.values()
  const left: Socket[] = []
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const exchange of queue) {
        const socket = await play(target, exchange)
        if (socket !== undefined) left.push(socket)
      }
    }),
  )
  return left
}

async function uploadWell({ host, path, token }: Target): Promise<number> {
  const response = await fetch(`http://${host}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '[{"Message":"healthy"}]',
  })
  await response.arrayBuffer()
  return response.status
}

/** Linux says what a process holds; elsewhere nothing is known. */
async function descriptorsOf(pid: number): Promise<number> {
  return process.platform === 'linux' ? (await readdir(`/proc/${pid}/fd`)).length : 0
}

async function rssOf(pid: number): Promise<number> {
  if (process.platform !== 'linux') return 0
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

test(
  'whatever is said to it, it lives, answers the next upload, and lets go of memory and descriptors',
  { timeout: 120_000 + MINUTES * 60_000 },
  async () => {
    const { child, target } = await startTarget()
    const pid = child.pid ?? 0
    expect(await uploadWell(target)).toBe(204)
    const descriptors = await descriptorsOf(pid)
    const arbitrary = exchangeArbitrary(target)
    const untilMs = performance.now() + MINUTES * 60_000
    let largestRss = 0
    let rounds = 0
    for (; rounds < ROUNDS || performance.now() < untilMs; rounds += 1) {
      const seed = SEED + rounds
      const left = await playAll(target, fc.sample(arbitrary, { seed, numRuns: EXCHANGES_PER_ROUND }))
      expect(await uploadWell(target), `seed ${seed}`).toBe(204)
      const closed = left.filter((socket) => !socket.destroyed).map((socket) => once(socket, 'close'))
      for (const socket of left) socket.destroy()
      await Promise.all(closed)
      largestRss = Math.max(largestRss, await rssOf(pid))
      expect(largestRss, `bytes, seed ${seed}`).toBeLessThan(MAX_RSS_BYTES)
      expect(child.exitCode, `seed ${seed}`).toBeNull()
      if (MINUTES > 0 && rounds % ROUNDS_PER_REPORT === 0) {
        process.stdout.write(
          `${(rounds + 1) * EXCHANGES_PER_ROUND} exchanges, ${await rssOf(pid)} bytes resident, at most ${largestRss}\n`,
        )
      }
    }
    await expect
      .poll(() => descriptorsOf(pid), { timeout: 60_000 })
      .toBeLessThanOrEqual(descriptors + SPARE_DESCRIPTORS)
  },
)
