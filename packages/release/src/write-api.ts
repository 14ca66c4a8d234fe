import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { reportApi } from './api-report.ts'
import { publicEntries } from './public-entries.ts'

/*
 * `pnpm api:update`: writes anew what the published packages declare, from what was built.
 */
const folder = fileURLToPath(new URL('../api', import.meta.url))
for (const file of await readdir(folder)) await rm(join(folder, file))
for (const entry of await publicEntries()) {
  await writeFile(join(folder, entry.report), await reportApi(entry))
  process.stdout.write(`api/${entry.report}\n`)
}
