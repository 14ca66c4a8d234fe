import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'

import { FRAME_OVERHEAD } from '../src/spool-frame.ts'
import { startShipping } from './shipping.ts'
import type { Shipping } from './shipping.ts'
import { runSpooling, spoolPath } from './spooling.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

/** The directory of a killed process with `count` durable records in it, and its files, oldest first. */
async function leftBehind(
  count: number,
): Promise<{ readonly directory: string; readonly files: readonly string[] }> {
  const directory = spoolPath()
  const down = { ...emulator.env, AZURE_DCE_ENDPOINT: 'http://127.0.0.1:9' }
  await runSpooling(['burst', directory, 0, count], down, (stdout, kill) => {
    if (stdout.includes('durable')) kill('SIGKILL')
  })
  return { directory, files: spoolFiles(directory) }
}

function spoolFiles(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true })
    .map((name) => join(directory, String(name)))
    .filter((name) => name.endsWith('.spool'))
    .toSorted((one, other) => (one < other ? -1 : 1))
}

function recover(directory: string): Shipping {
  return startShipping(emulator, { spool: { directory, minFreeBytes: 0 } })
}

async function drained({ shipper }: Shipping, directory: string): Promise<void> {
  await vi.waitFor(
    () => {
      expect(spoolFiles(directory)).toEqual([])
      expect(shipper.stats()).toMatchObject({ pending: 0 })
      expect(shipper.stats().recovered).toBeGreaterThan(0)
    },
    { timeout: 30_000, interval: 20 },
  )
}

function arrivedNumbers(): readonly number[] {
  return emulator.rows().map((row) => (row['Properties'] as { readonly n: number }).n)
}

/** Where the frames of a file begin, the header's first. */
function framesOf(path: string): readonly number[] {
  const bytes = readFileSync(path)
  const starts: number[] = []
  for (let at = 0; at < bytes.length; at = bytes.indexOf(0x0a, at) + 1) starts.push(at)
  return starts
}

test.each([1, FRAME_OVERHEAD - 2, 100])(
  'F5 a file that was cut %i bytes into its last row gives exactly the whole rows, and the next write goes to another file',
  async (into) => {
    const { directory, files } = await leftBehind(50)
    const [file = ''] = files
    const last = framesOf(file).at(-1) ?? 0
    truncateSync(file, last + into)
    const shipping = recover(directory)
    shipping.shipper.push({ Message: 'record 1000', Properties: { n: 1000 } })
    await drained(shipping, directory)
    expect(arrivedNumbers().toSorted((a, b) => a - b)).toEqual([
      ...Array.from({ length: 49 }, (_, n) => n),
      1000,
    ])
    expect(shipping.shipper.stats()).toMatchObject({
      recovered: 49,
      quarantined: 0,
      spool: { tornBytes: into, damaged: 0 },
    })
  },
)

test.each(['length', 'checksum', 'json'] as const)(
  'F6 a byte changed in the %s of a row costs that row alone, and its bytes are kept',
  async (part) => {
    const { directory, files } = await leftBehind(50)
    const [file = ''] = files
    const [start = 0, end = 0] = framesOf(file).slice(25, 27)
    const bytes = readFileSync(file)
    const at = start + { length: 6, checksum: 12, json: 60 }[part]
    bytes[at] = (bytes[at] ?? 0) ^ 1
    writeFileSync(file, bytes)
    const shipping = recover(directory)
    await drained(shipping, directory)
    // Frame 0 is the header.
    expect(arrivedNumbers().toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, n) => n).filter((n) => n !== 24),
    )
    expect(shipping.shipper.stats()).toMatchObject({
      quarantined: 1,
      quarantinedBy: { AZLOGS_SPOOL_DAMAGED: 1 },
      spool: { damaged: 1, tornBytes: 0 },
    })
    const folder = join(directory, 'dead-letter')
    const [name = ''] = readdirSync(folder)
    const letter = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { readonly record: string }
    expect(letter.record).toBe(bytes.toString('latin1', start, end).trimEnd())
    expect(shipping.problems).toContainEqual(
      expect.objectContaining({ kind: 'quarantined', code: 'AZLOGS_SPOOL_DAMAGED' }),
    )
  },
)

test.each([
  ['empty', () => ''],
  ['random', () => '\u0000\u0001{{{'],
  ['cut', (text: string) => text.slice(0, 40)],
  ['of a process that never was', (text: string) => text.replace(/"pid":\d+/, '"pid":4194303')],
  ['missing', () => undefined],
] as const)(
  'F7 whatever became of the owner file (%s), every row is delivered once and start refuses nothing',
  async (_what, change: (text: string) => string | undefined) => {
    const { directory, files } = await leftBehind(50)
    const path = join(files[0] ?? '', '..', 'owner.json')
    const changed = change(readFileSync(path, 'utf8'))
    if (changed === undefined) rmSync(path)
    else writeFileSync(path, changed)
    // What cannot be judged is watched for 45 seconds: there is no need to wait for that here.
    const unknown = changed !== undefined && !changed.endsWith('}\n')
    const shipping = recover(directory)
    shipping.shipper.push({ Message: 'live', Properties: { n: 1000 } })
    await shipping.shipper.flush()
    expect(arrivedNumbers()).toContain(1000)
    if (unknown) {
      expect(spoolFiles(directory)).toHaveLength(files.length)
      return
    }
    await drained(shipping, directory)
    expect(arrivedNumbers().toSorted((a, b) => a - b)).toEqual([
      ...Array.from({ length: 50 }, (_, n) => n),
      1000,
    ])
  },
)

test('F6 damaged rows whose bytes cannot be kept are told as such, and the whole ones arrive', async () => {
  const { directory, files } = await leftBehind(50)
  const [file = ''] = files
  const bytes = readFileSync(file)
  const at = (framesOf(file)[25] ?? 0) + 60
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(file, bytes)
  writeFileSync(join(directory, 'dead-letter'), 'in the way')
  const shipping = recover(directory)
  await drained(shipping, directory)
  expect(arrivedNumbers()).toHaveLength(49)
  expect(shipping.problems).toContainEqual(
    expect.objectContaining({
      kind: 'quarantined',
      message: expect.stringContaining('Their bytes could not be kept.'),
    }),
  )
})

test('F8 a file that somebody deleted while nothing ran costs its own rows: all others are delivered, and nothing loops', async () => {
  const { directory, files } = await leftBehind(2000)
  expect(files.length).toBeGreaterThan(2)
  const gone = files[1] ?? ''
  const lost = framesOf(gone).length - 1
  rmSync(gone)
  const shipping = recover(directory)
  await drained(shipping, directory)
  expect(new Set(arrivedNumbers()).size).toBe(2000 - lost)
  expect(arrivedNumbers()).toHaveLength(2000 - lost)
})

/** A shipper whose rows are for the most part in files alone, and those files, oldest first. */
function startEvicted(): Shipping & { readonly directory: string; readonly waiting: readonly string[] } {
  const directory = spoolPath()
  mkdirSync(directory, { mode: 0o700 })
  emulator.answerNext({ status: 503, times: 8 })
  const shipping = startShipping(emulator, {
    spool: { directory, minFreeBytes: 0 },
    maxBufferBytes: 200_000,
    maxBatchBytes: 20_000,
  })
  const { shipper } = shipping
  onTestFinished(() => shipper.close({ timeoutMs: 100 }).then(() => {}))
  for (let n = 0; n < 3000; n += 1) {
    shipper.push({ Message: `record ${n}`, Level: 'info', Properties: { n, text: 'x'.repeat(230) } })
  }
  const { waitingFiles = 0 } = shipper.stats().spool ?? {}
  expect(waitingFiles).toBeGreaterThan(3)
  return { ...shipping, directory, waiting: spoolFiles(directory).slice(0, waitingFiles) }
}

test.each([
  ['deletes', (path: string) => rmSync(path)],
  // By its head it is of no version that we know: whoever wrote it may want it.
  ['overwrites', (path: string) => writeFileSync(path, 'something else\n')],
])(
  'F8 a file that somebody %s while its rows are nowhere else is counted, to the record',
  async (what, change) => {
    const { shipper, problems, waiting } = startEvicted()
    // The newest of those that are in files only: nobody has begun to read it.
    const gone = waiting.at(-1) ?? ''
    const lost = framesOf(gone).length - 1
    change(gone)
    await shipper.flush()
    expect(shipper.stats()).toMatchObject({
      accepted: 3000,
      delivered: 3000 - lost,
      dropped: lost,
      pending: 0,
      droppedLevels: { 'spool-lost': { info: lost } },
    })
    expect(problems).toContainEqual(expect.objectContaining({ kind: 'lost', code: 'AZLOGS_SPOOL_LOST' }))
    expect(existsSync(gone)).toBe(what === 'overwrites')
  },
)

test('F12 of a spool that somebody deletes, the rows that were in files alone are counted by level, and the others arrive', async () => {
  const { shipper, directory, waiting } = startEvicted()
  const inFilesAlone = waiting.reduce((sum, path) => sum + framesOf(path).length - 1, 0)
  rmSync(directory, { recursive: true })
  await shipper.durable()
  const { info: lost = 0 } = shipper.stats().droppedLevels['spool-lost']
  // One or two of them were being read.
  expect(lost).toBeGreaterThan(0)
  expect(lost).toBeLessThanOrEqual(inFilesAlone)
  await shipper.flush()
  expect(shipper.stats()).toMatchObject({ accepted: 3000, delivered: 3000 - lost, dropped: lost, pending: 0 })
})
