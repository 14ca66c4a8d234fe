/** What the endpoint is told. */
export type EndpointOrder =
  /** Faults in the grammar of the emulator; those that are set already go on. */
  | { readonly order: 'faults'; readonly texts: readonly string[] }
  | { readonly order: 'down' | 'up' }
  /** Tell everything that has been stored so far, and then the totals. */
  | { readonly order: 'sync'; readonly id: number }

/** A stored record: its application, its number, its RecordId, and whether its text is what that application logged. */
export type StoredRecord = readonly [life: string, n: number, recordId: string, whole: boolean]

export interface EndpointTotals {
  readonly requests: number
  readonly rowsStored: number
  /** Rows of our own making: «so many records are missing here». */
  readonly announcements: number
  /** Requests that a fault hit, by its kind. */
  readonly faults: Readonly<Record<string, number>>
  /** Rows stored in requests whose sender cannot know: each may come again. */
  readonly ambiguousRows: number
  /** Rows of the largest request. */
  readonly largestRequest: number
  readonly outages: number
}

/** What it tells. */
export type EndpointMessage =
  | { readonly told: 'ready'; readonly env: Readonly<Record<string, string>> }
  | { readonly told: 'rows'; readonly rows: readonly StoredRecord[] }
  | { readonly told: 'synced'; readonly id: number; readonly totals: EndpointTotals }
