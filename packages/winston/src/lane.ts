import type { Shipper } from '@azlogs/core'

/** The way of rows to Azure, as the transport sees it: a shipper in this thread, or in another. */
export type Lane = Pick<Shipper, 'push' | 'flush' | 'drain' | 'durable' | 'stats'>
