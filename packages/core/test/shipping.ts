import type { Emulator } from '@azlogs/emulator'
import { onTestFinished } from 'vitest'

import { createShipper } from '../src/index.ts'
import type { Problem, Shipper, ShipperOptions } from '../src/index.ts'

export interface Shipping {
  readonly shipper: Shipper
  readonly problems: Problem[]
}

/** A shipper for an emulator, closed with the test. */
export function startShipping(emulator: Emulator, options: ShipperOptions = {}): Shipping {
  const problems: Problem[] = []
  const shipper = createShipper({
    endpoint: emulator.url,
    ruleId: emulator.ruleId,
    streamName: emulator.streamName,
    credential: emulator.credential,
    onProblem: (problem) => problems.push(problem),
    ...options,
  })
  onTestFinished(async () => {
    await shipper.close({ timeoutMs: 500 })
  })
  return { shipper, problems }
}
