import type { JSX } from 'preact'

import { Header } from './parts/header.tsx'
import { HelpDialog } from './parts/help-dialog.tsx'
import { Notice } from './parts/notice.tsx'
import { view } from './state/view.ts'
import { FaultsView } from './views/faults-view.tsx'
import { LogsView } from './views/logs-view.tsx'
import { QueryView } from './views/query-view.tsx'
import { VerdictsView } from './views/verdicts-view.tsx'

const CONTENT = { logs: LogsView, verdicts: VerdictsView, query: QueryView, faults: FaultsView } as const

export function App(): JSX.Element {
  const Content = CONTENT[view.value]
  return (
    <>
      <Header />
      <main class="content">
        <Content />
      </main>
      <HelpDialog />
      <Notice />
    </>
  )
}
