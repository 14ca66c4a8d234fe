import { effect } from '@preact/signals'

import { storedSignal } from './settings.ts'

const THEMES = ['auto', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

export const theme = storedSignal<Theme>('theme', 'auto', (value): value is Theme =>
  THEMES.includes(value as Theme),
)

export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] as Theme
}

export function applyTheme(): void {
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value
  })
}
