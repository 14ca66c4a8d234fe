import type { Claim, Stats } from './application-protocol.ts'
import type { StoredRecord } from './endpoint-protocol.ts'
import type { Way } from './plan.ts'

/** What an application has said, and how it ended. */
export interface Account {
  readonly life: string
  /** Records below this have been logged. */
  logged: number
  /** Records below this were settled, with so many of them dropped at most. */
  settled: number
  droppedBySettled: number
  /** Records below this were in files or settled, with so many of them dropped at most. */
  kept: number
  droppedByKept: number
  stats: Stats | undefined
  /** Records that it reported as lost. */
  reportedLost: number
  /** Refused records, by what it reported without naming them. */
  refusedUnnamed: number
  ending: Way | 'close' | undefined
}

/** Something that must not be. */
export interface Violation {
  readonly life: string
  readonly what: string
  /** Numbers of the records concerned, the first ones. */
  readonly numbers: readonly number[]
}

/** Numbers of records, by application. */
export type NumbersByLife = ReadonlyMap<string, ReadonlySet<number>>

export interface Accounts {
  open(life: string): void
  heard(life: string, claim: Claim): void
  /** A line of stderr. */
  printed(life: string, line: string): void
  ended(life: string, way: Way | 'close'): void
  stored(rows: readonly StoredRecord[]): void
  /** Records that were found among the dead letters. */
  refused(numbers: NumbersByLife): void
  /** The claims of this instant, to be held against what is found from now on. */
  claims(): readonly Account[]
  /** What the claims promise and is neither stored nor refused nor in these files. */
  verify(claims: readonly Account[], inFiles: NumbersByLife): readonly Violation[]
  /** Copies beyond the first. */
  readonly duplicates: number
  readonly storedRecords: number
  readonly refusedRecords: number
}

/** Copies and the RecordId of each record of one application, by number. */
interface Arrivals {
  copies: Uint8Array
  ids: Float64Array
  instance: string | undefined
  /** The highest number that came. */
  highest: number
  readonly refused: Set<number>
  readonly violations: Violation[]
}

const SHOWN = 20

export function createAccounts(): Accounts {
  const accounts = new Map<string, Account>()
  const arrivals = new Map<string, Arrivals>()
  let duplicates = 0
  let storedRecords = 0
  let refusedRecords = 0

  function accountOf(life: string): Account {
    const account = accounts.get(life)
    if (account === undefined) throw new Error(`there is no application ${life}`)
    return account
  }

  function arrivalsOf(life: string): Arrivals {
    let known = arrivals.get(life)
    if (known === undefined) {
      known = {
        copies: new Uint8Array(1024),
        ids: new Float64Array(1024),
        instance: undefined,
        highest: -1,
        refused: new Set(),
        violations: [],
      }
      arrivals.set(life, known)
    }
    return known
  }

  function store([life, n, recordId, whole]: StoredRecord): void {
    const known = arrivalsOf(life)
    if (n >= known.copies.length) grow(known, n)
    const violate = (what: string): void => void known.violations.push({ life, what, numbers: [n] })
    known.highest = Math.max(known.highest, n)
    if (!whole) violate('is not what was logged')
    const [instance = '', sequence = ''] = recordId.split('-')
    known.instance ??= instance
    const id = Number(sequence)
    const copies = known.copies[n] ?? 0
    if (known.instance !== instance || (copies > 0 && known.ids[n] !== id)) {
      violate('has copies with another RecordId, or the RecordId of another process')
    }
    if (copies === 0) storedRecords += 1
    else duplicates += 1
    known.copies[n] = Math.min(255, copies + 1)
    known.ids[n] = id
  }

  /** Two records with one RecordId would be one to who removes duplicates: the ids go up with the numbers. */
  function idViolations(life: string, { ids, copies }: Arrivals): readonly Violation[] {
    const numbers: number[] = []
    let last = -1
    for (let n = 0; n < copies.length; n += 1) {
      if (copies[n] === 0) continue
      if ((ids[n] ?? 0) <= last) numbers.push(n)
      last = ids[n] ?? 0
    }
    return numbers.length === 0
      ? []
      : [{ life, what: 'have RecordIds out of order', numbers: numbers.slice(0, SHOWN) }]
  }

  function missing(life: string, below: number, inFiles: ReadonlySet<number> | undefined): readonly number[] {
    const known = arrivalsOf(life)
    const numbers: number[] = []
    for (let n = 0; n < below; n += 1) {
      if ((known.copies[n] ?? 0) > 0 || known.refused.has(n) || inFiles?.has(n) === true) continue
      numbers.push(n)
    }
    return numbers
  }

  function verifyLife(account: Account, inFiles: ReadonlySet<number> | undefined): readonly Violation[] {
    const {
      life,
      logged,
      settled,
      droppedBySettled,
      kept,
      droppedByKept,
      stats,
      reportedLost,
      refusedUnnamed,
      ending,
    } = account
    const known = arrivalsOf(life)
    const violations: Violation[] = [...known.violations, ...idViolations(life, known)]
    if (known.highest >= accountOf(life).logged) {
      violations.push({ life, what: 'was stored and never logged', numbers: [known.highest] })
    }
    const expectAtMost = (allowed: number, numbers: readonly number[], what: string): void => {
      if (numbers.length <= allowed) return
      violations.push({ life, what: `${numbers.length} records ${what}`, numbers: numbers.slice(0, SHOWN) })
    }
    if (
      stats !== undefined &&
      stats.accepted !== stats.delivered + stats.quarantined + stats.dropped + stats.pending
    ) {
      violations.push({ life, what: `the books do not balance: ${JSON.stringify(stats)}`, numbers: [] })
    }
    expectAtMost(
      droppedBySettled + refusedUnnamed,
      missing(life, settled, inFiles),
      `called settled are nowhere, and ${droppedBySettled} were counted as dropped`,
    )
    expectAtMost(
      droppedByKept,
      missing(life, kept, inFiles),
      `called durable are nowhere, and ${droppedByKept} were counted as dropped`,
    )
    if (ending !== undefined && ending !== 'SIGKILL') {
      expectAtMost(
        reportedLost + refusedUnnamed,
        missing(life, logged, inFiles),
        `are nowhere after ${ending}, and ${reportedLost} were reported as lost`,
      )
    }
    return violations
  }

  return {
    open(life) {
      accounts.set(life, {
        life,
        logged: 0,
        settled: 0,
        droppedBySettled: 0,
        kept: 0,
        droppedByKept: 0,
        stats: undefined,
        reportedLost: 0,
        refusedUnnamed: 0,
        ending: undefined,
      })
    },
    heard(life, claim) {
      const account = accountOf(life)
      switch (claim.says) {
        case 'logged':
          account.logged = claim.n
          break
        case 'settled':
          account.settled = claim.n
          account.droppedBySettled = claim.dropped
          break
        case 'kept':
          account.kept = claim.n
          account.droppedByKept = claim.dropped
          break
        case 'stats':
          account.stats = claim.stats
          break
        case 'closed':
          account.stats = claim.stats ?? account.stats
          break
        case 'problem':
          if (claim.kind === 'lost') account.reportedLost += claim.recordCount
          for (const n of claim.numbers) refuse(life, n)
          break
        default:
          claim satisfies never
      }
    },
    printed(life, line) {
      const account = accountOf(life)
      account.reportedLost += Number(/(\d+) records? lost/.exec(line)?.[1] ?? 0)
      account.refusedUnnamed += Number(/(\d+) records? refused for good/.exec(line)?.[1] ?? 0)
    },
    ended(life, way) {
      accountOf(life).ending = way
    },
    stored(rows) {
      for (const row of rows) store(row)
    },
    refused(numbers) {
      for (const [life, refused] of numbers) for (const n of refused) refuse(life, n)
    },
    claims: () => Array.from(accounts.values(), (account) => ({ ...account })),
    verify: (claims, inFiles) => claims.flatMap((account) => verifyLife(account, inFiles.get(account.life))),
    get duplicates() {
      return duplicates
    },
    get storedRecords() {
      return storedRecords
    },
    get refusedRecords() {
      return refusedRecords
    },
  }

  function refuse(life: string, n: number): void {
    const { refused } = arrivalsOf(life)
    if (refused.has(n)) return
    refused.add(n)
    refusedRecords += 1
  }
}

function grow(arrivals: Arrivals, n: number): void {
  const length = Math.max(n + 1, arrivals.copies.length * 2)
  const copies = new Uint8Array(length)
  copies.set(arrivals.copies)
  const ids = new Float64Array(length)
  ids.set(arrivals.ids)
  arrivals.copies = copies
  arrivals.ids = ids
}
