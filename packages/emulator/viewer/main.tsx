import { render } from 'preact'

import { App } from './app.tsx'
import { listenToKeys } from './state/keyboard.ts'
import { applyFilters } from './state/logs.ts'
import { connect } from './state/session.ts'
import { applyTheme } from './state/theme.ts'
import { startClock } from './state/verdicts.ts'
import { followHash } from './state/view.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/shell.css'
import './styles/grid.css'
import './styles/logs.css'
import './styles/details.css'
import './styles/verdicts.css'
import './styles/query.css'
import './styles/faults.css'

applyTheme()
applyFilters()
followHash()
startClock()
listenToKeys()
render(<App />, document.querySelector('#app') as Element)
void connect()
