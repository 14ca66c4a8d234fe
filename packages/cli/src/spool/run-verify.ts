import { verifySpool } from '@azlogs/core'
import type { VerifiedSpoolFile } from '@azlogs/core'

import type { Run } from '../command.ts'
import { failureText } from '../failure-text.ts'
import { formatCount } from '../send/numbers.ts'
import type { SpoolArgs } from './command.ts'
import { describeTotal, printInstances } from './listing.ts'
import { readingSpool } from './spool-error.ts'

export const run: Run<SpoolArgs> = async ({ args: { directory }, out }) => {
  const instances = await readingSpool(directory, verifySpool(directory))
  printInstances(instances, out, describe)
  const files = instances.flatMap((instance) => instance.files)
  const records = files.reduce((sum, file) => sum + file.records, 0)
  const damaged = files.reduce((sum, file) => sum + file.damaged, 0)
  const unreadable = files.filter(({ problem }) => problem !== undefined).length
  out.line(`${describeTotal(instances)}: ${formatCount(records, 'record')}, ${damaged} damaged`)
  out.data({ instances, records, damaged, unreadable })
  if (damaged + unreadable === 0) return 0
  out.note(
    failureText({
      code: 'AZL5002',
      message: `${formatCount(damaged, 'record')} damaged, ${formatCount(unreadable, 'file')} not readable`,
      remedy:
        'Send the rest with azlogs spool send: damaged records are set aside beside the spool, as they are.',
    }),
  )
  return 1
}

function describe({ records, damaged, tornBytes }: VerifiedSpoolFile): string {
  const torn = tornBytes === 0 ? '' : `, ${tornBytes} bytes of a row that was being written`
  return `  ${formatCount(records, 'record')}${damaged === 0 ? '' : `, ${damaged} damaged`}${torn}`
}
