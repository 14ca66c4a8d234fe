import type { Bench } from '../bench.ts'
import { startReceiver } from '../receiver/receiver.ts'
import { figuresOf, inRounds, medianRatio } from '../rounds.ts'
import { runSubject } from '../subject.ts'

const PACKINGS = ['uncompressed', 'compressed'] as const
const ROWS = 1_000_000

/** Requests and bytes of an upload, packed to the limit of its JSON and to that of its gzipped body. Once: they do not vary. */
export const packing: Bench = async ({ scale, progress }) => {
  await using receiver = await startReceiver()
  const rows = Math.ceil(ROWS * scale)
  const samples = await inRounds(PACKINGS, 1, async (name) => {
    await runSubject('packing', [name, receiver.url, String(rows)], receiver)
    const { requests, wireBytes, missing, damaged } = await receiver.check({ load: 'rows', count: rows })
    if (missing + damaged > 0) throw new Error(`${name}: ${missing} rows missing, ${damaged} damaged`)
    progress(`${name} ${requests} requests`)
    return { requests, wireMb: wireBytes / 1e6, requestMb: wireBytes / 1e6 / requests }
  })
  return {
    title: `${rows.toLocaleString('en')} rows of 313 bytes`,
    subjects: PACKINGS.map((name) => ({
      name,
      figures: figuresOf(samples[name], {
        requests: 'requests',
        wireMb: 'MB on the wire',
        requestMb: { unit: 'MB a request', better: 'more' },
      }),
    })),
    targets: [
      {
        text: 'requests when uncompressed, times those when compressed',
        value: medianRatio(samples.uncompressed, samples.compressed, 'requests'),
        bound: { atLeast: 6 },
      },
    ],
  }
}
