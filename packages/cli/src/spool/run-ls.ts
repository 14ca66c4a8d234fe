import { listSpool } from '@azlogs/core'

import type { Run } from '../command.ts'
import type { SpoolArgs } from './command.ts'
import { describeTotal, printInstances } from './listing.ts'
import { readingSpool } from './spool-error.ts'

export const run: Run<SpoolArgs> = async ({ args: { directory }, out }) => {
  const instances = await readingSpool(directory, listSpool(directory))
  printInstances(instances, out, () => '')
  out.line(describeTotal(instances))
  out.data({ instances })
}
