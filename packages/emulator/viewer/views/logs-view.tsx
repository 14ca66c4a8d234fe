import type { JSX } from 'preact'

import { FacetPanel } from '../parts/facet-panel.tsx'
import { FilterPills } from '../parts/filter-pills.tsx'
import { LogList } from '../parts/log-list.tsx'
import { LogToolbar } from '../parts/log-toolbar.tsx'
import { RowDetails } from '../parts/row-details.tsx'
import { TimeHistogram } from '../parts/time-histogram.tsx'

export function LogsView(): JSX.Element {
  return (
    <div class="logs">
      <LogToolbar />
      <FilterPills />
      <TimeHistogram />
      <div class="logs-body">
        <FacetPanel />
        <LogList />
        <RowDetails />
      </div>
    </div>
  )
}
