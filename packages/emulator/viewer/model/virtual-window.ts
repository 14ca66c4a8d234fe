/** Which rows of a long list are drawn: those in view and a few around, so that a fast scroll shows no gap. */
export interface VirtualWindow {
  readonly first: number
  /** After the last. */
  readonly end: number
}

export function virtualWindow(options: {
  readonly scrollTop: number
  readonly viewportHeight: number
  readonly rowHeight: number
  readonly count: number
  readonly overscan: number
}): VirtualWindow {
  const { scrollTop, viewportHeight, rowHeight, count, overscan } = options
  const inView = Math.ceil(viewportHeight / rowHeight) + 1
  const top = Math.max(0, Math.min(Math.floor(scrollTop / rowHeight), count - inView))
  return { first: Math.max(0, top - overscan), end: Math.min(count, top + inView + overscan) }
}

/** Where to scroll so that a row is in view below a sticky header; as little as possible. */
export function scrollTopFor(options: {
  readonly index: number
  readonly scrollTop: number
  /** Without the header. */
  readonly viewportHeight: number
  readonly rowHeight: number
}): number {
  const { index, scrollTop, viewportHeight, rowHeight } = options
  const top = index * rowHeight
  if (top < scrollTop) return top
  return Math.max(scrollTop, top + rowHeight - viewportHeight)
}
