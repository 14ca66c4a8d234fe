import { signal } from '@preact/signals'

export const VIEWS = [
  { name: 'logs', title: 'Logs' },
  { name: 'verdicts', title: 'Verdicts' },
  { name: 'query', title: 'Query' },
  { name: 'faults', title: 'Faults' },
] as const
export type ViewName = (typeof VIEWS)[number]['name']

export const view = signal<ViewName>(fromHash())
export const helpShown = signal(false)

/** The view is in the address, so that a link or the back button leads there. */
export function followHash(): void {
  window.addEventListener('hashchange', () => (view.value = fromHash()))
}

export function show(name: ViewName): void {
  location.hash = name
}

function fromHash(): ViewName {
  const name = location.hash.slice(1)
  return VIEWS.find((candidate) => candidate.name === name)?.name ?? 'logs'
}
