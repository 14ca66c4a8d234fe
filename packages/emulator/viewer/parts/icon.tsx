import type { JSX } from 'preact'

const PATHS = {
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm4-1 3.5 3.5',
  pause: 'M5 3v10M11 3v10',
  play: 'M5 3l8 5-8 5z',
  columns: 'M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  download: 'M8 2v8m0 0L4.8 7M8 10l3.200-3M2.500 13.500h11',
  trash: 'M2.500 4h11M6 4V2.500h4V4M4 4l.7 9.500h6.600L12 4',
  close: 'M3.500 3.500l9 9m0-9l-9 9',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  down: 'M8 3v10m0 0l4-4m-4 4L4 9',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 1v1.500M8 13.500V15M1 8h1.500M13.500 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  moon: 'M13.500 9.500A6 6 0 0 1 6.500 2.500a6 6 0 1 0 7 7Z',
  auto: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 0v12M8 5h4.500M8 8h5.800M8 11h4.500',
  zoomOut: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm4-1 3.500 3.500M4.500 7h5',
  warning: 'M8 2.200l6.300 11.300H1.700zM8 6.500v3.200M8 11.600v.4',
  check: 'M3 8.500l3.200 3.200L13 5',
  code: 'M5.500 4L1.500 8l4 4M10.500 4l4 4-4 4',
} as const

export type IconName = keyof typeof PATHS

/** Always beside a text or in a button with a label: it says nothing to a screen reader. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  )
}
