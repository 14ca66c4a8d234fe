import { announce } from './notice.ts'
import * as logs from './logs.ts'
import { moveVerdict, selectedVerdict } from './verdicts.ts'
import { helpShown, show, view, VIEWS } from './view.ts'

/** What the help shows; the keys themselves are below. */
export const KEYS: readonly (readonly [keys: string, meaning: string])[] = [
  ['/', 'Search'],
  ['j  k', 'Next, previous row'],
  ['Space', 'Pause or go on'],
  ['f', 'Follow the newest row'],
  ['Esc', 'Close the details, leave the search'],
  ['1  2  3  4', 'Logs, Verdicts, Query, Faults'],
  ['Ctrl Enter', 'Run the query'],
  ['?', 'This help'],
]

export function listenToKeys(): void {
  window.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || helpShown.value) return
    const target = event.target instanceof HTMLElement ? event.target : undefined
    if (target?.closest('input, textarea, select') != null) {
      if (event.key === 'Escape') target.blur()
      return
    }
    // The space bar presses a button that has the focus.
    if (event.key === ' ' && target?.closest('button, a, summary, [role=switch]') != null) return
    if (press(event.key)) event.preventDefault()
  })
}

function press(key: string): boolean {
  if (key === '?') {
    helpShown.value = true
    return true
  }
  const chosen = VIEWS[Number(key) - 1]
  if (chosen !== undefined) {
    show(chosen.name)
    return true
  }
  if (view.value === 'logs') return pressInLogs(key)
  if (view.value === 'verdicts') return pressInVerdicts(key)
  return false
}

function pressInLogs(key: string): boolean {
  switch (key) {
    case '/':
      document.querySelector<HTMLInputElement>('#search')?.focus()
      return true
    case 'j':
    case 'ArrowDown':
      logs.moveSelection(1)
      return true
    case 'k':
    case 'ArrowUp':
      logs.moveSelection(-1)
      return true
    case ' ':
      logs.togglePause()
      announce(logs.paused.value ? 'Paused' : 'Live')
      return true
    case 'f':
      logs.following.value = true
      return true
    case 'Escape':
      logs.selectedId.value = undefined
      return true
    default:
      return false
  }
}

function pressInVerdicts(key: string): boolean {
  switch (key) {
    case 'j':
    case 'ArrowDown':
      moveVerdict(1)
      return true
    case 'k':
    case 'ArrowUp':
      moveVerdict(-1)
      return true
    case 'Escape':
      selectedVerdict.value = undefined
      return true
    default:
      return false
  }
}
