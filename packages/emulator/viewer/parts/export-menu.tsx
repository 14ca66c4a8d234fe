import type { JSX } from 'preact'

import { plural } from '../model/format.ts'
import { exportUrl } from '../state/api.ts'
import * as logs from '../state/logs.ts'
import { download } from '../state/notice.ts'
import { Popover } from './popover.tsx'

export function ExportMenu(): JSX.Element {
  const table = logs.shape.value.table.name
  return (
    <Popover icon="download" label="Export">
      {(close) => (
        <div class="menu">
          <button
            type="button"
            class="menu-item"
            onClick={() => {
              const lines = logs.matches.value.list.map(({ row }) => `${JSON.stringify(row)}\n`)
              download(lines.join(''), `${table}-filtered.ndjson`, 'application/x-ndjson')
              close()
            }}
          >
            Rows in the list
            <span class="menu-note">{plural(logs.matchCount.value, 'row')}, NDJSON</span>
          </button>
          <a class="menu-item" href={exportUrl(table)} download={`${table}.ndjson`} onClick={close}>
            Whole table
            <span class="menu-note">{plural(logs.totalRows.value, 'row')}, NDJSON</span>
          </a>
        </div>
      )}
    </Popover>
  )
}
