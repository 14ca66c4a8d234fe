import { signal } from '@preact/signals'

const SHOWN_MS = 4_000

export const notice = signal<{ readonly text: string; readonly failed: boolean } | undefined>(undefined)

let timer: ReturnType<typeof setTimeout> | undefined

/** Says something in passing, to the eye and to a screen reader. */
export function announce(text: string, failed = false): void {
  notice.value = { text, failed }
  clearTimeout(timer)
  timer = setTimeout(() => (notice.value = undefined), SHOWN_MS)
}

export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    announce(`${what} copied`)
  } catch {
    announce(`${what} could not be copied: the browser refused access to the clipboard`, true)
  }
}

/** Hands text to the user as a file. */
export function download(text: string, name: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
