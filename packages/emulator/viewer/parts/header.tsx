import type { JSX } from 'preact'

import { connection } from '../state/connection.ts'
import { paused } from '../state/logs.ts'
import { about, faults } from '../state/session.ts'
import { nextTheme, theme } from '../state/theme.ts'
import { verdicts } from '../state/verdicts.ts'
import { helpShown, view, VIEWS } from '../state/view.ts'
import { Icon } from './icon.tsx'
import { ThroughputMeter } from './throughput-meter.tsx'

const THEME_ICONS = { auto: 'auto', light: 'sun', dark: 'moon' } as const
const THEME_TITLES = { auto: 'as the system', light: 'light', dark: 'dark' } as const

export function Header(): JSX.Element {
  const losses = verdicts.value.filter((verdict) => verdict.losses.length > 0).length
  const counts = { logs: 0, verdicts: losses, query: 0, faults: faults.value.active.length }
  return (
    <header class="header">
      <div class="brand">
        <img src="/viewer/icon.svg" alt="" width="22" height="22" />
        <h1>
          azlogs <span class="brand-part">emulator</span>
        </h1>
        {about.value?.mode === 'strict' && <span class="tag">strict</span>}
      </div>
      <nav class="tabs" aria-label="Views">
        {VIEWS.map(({ name, title }) => (
          <a key={name} href={`#${name}`} class="tab" aria-current={view.value === name ? 'page' : undefined}>
            {title}
            {counts[name] > 0 && (
              <span class={`tab-count tab-count-${name}`}>
                {counts[name]}
                <span class="unseen">{name === 'faults' ? ' set' : ' with losses'}</span>
              </span>
            )}
          </a>
        ))}
      </nav>
      <div class="header-end">
        <ThroughputMeter />
        <ConnectionBadge />
        <button
          type="button"
          class="icon-button"
          onClick={nextTheme}
          aria-label={`Theme: ${THEME_TITLES[theme.value]}`}
          title={`Theme: ${THEME_TITLES[theme.value]}`}
        >
          <Icon name={THEME_ICONS[theme.value]} />
        </button>
        <button
          type="button"
          class="icon-button"
          onClick={() => (helpShown.value = true)}
          aria-label="Keyboard help"
          title="Keyboard help (?)"
        >
          ?
        </button>
      </div>
    </header>
  )
}

function ConnectionBadge(): JSX.Element {
  const state = connection.value === 'live' && paused.value ? 'paused' : connection.value
  const texts = { connecting: 'Connecting', live: 'Live', paused: 'Paused', lost: 'Reconnecting' } as const
  return (
    <span class={`connection connection-${state}`} role="status">
      {texts[state]}
    </span>
  )
}
