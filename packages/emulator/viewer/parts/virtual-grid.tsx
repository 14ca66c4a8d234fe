import type { ComponentChildren, JSX } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

import { scrollTopFor, virtualWindow } from '../model/virtual-window.ts'

export interface GridColumn {
  readonly key: string
  readonly title: string
  /** Pixels, at least. */
  readonly width: number
  /** It shares the width that is left over. */
  readonly grows?: boolean
  readonly align?: 'end'
}

export interface VirtualGridProps {
  readonly label: string
  readonly columns: readonly GridColumn[]
  readonly count: number
  readonly rowKey: (index: number) => string | number
  readonly rowClass?: (index: number) => string
  /** `isHovered`: what only the pointer needs is drawn for one row, not for all. */
  readonly cell: (index: number, column: number, isHovered: boolean) => ComponentChildren
  /** A row with the same key is drawn anew only when one of these has changed: its content, and what it is drawn with. */
  readonly drawnFrom: (index: number) => readonly unknown[]
  readonly selectedIndex?: number
  readonly onSelect?: (index: number) => void
  /** Stays at the end as rows are added. */
  readonly following?: boolean
  readonly onFollow?: (following: boolean) => void
  /** Rows that were taken away at the top since the start. */
  readonly removedAbove?: number
  readonly empty: ComponentChildren
}

const ROW_HEIGHT = 28
const HEADER_HEIGHT = 30
const OVERSCAN = 12
// As in grid.css.
const COLUMN_GAP = 12
const MARGINS = 15

interface DrawnRow {
  readonly from: readonly unknown[]
  readonly element: JSX.Element
}

/** A grid of any length: only the rows in view are in the document. */
export function VirtualGrid(props: VirtualGridProps): JSX.Element {
  const { columns, count, selectedIndex = -1, following = false, removedAbove = 0 } = props
  const scroller = useRef<HTMLDivElement>(null)
  const [{ scrollTop, height }, setViewport] = useState({ scrollTop: 0, height: 0 })
  const known = useRef({ scrollTop: 0, removedAbove })
  const [hoveredIndex, setHoveredIndex] = useState(-1)
  const drawn = useRef<ReadonlyMap<string | number, DrawnRow>>(new Map())
  const tracks = columns.map(({ width, grows }) =>
    grows === true ? `minmax(${width}px, 1fr)` : `${width}px`,
  )
  const gridTemplateColumns = tracks.join(' ')
  const minWidth = columns.reduce((sum, column) => sum + column.width + COLUMN_GAP, MARGINS)
  const id = `grid-${props.label.toLowerCase().replaceAll(/\W+/g, '-')}`

  const measure = (): void => {
    const element = scroller.current
    if (element === null) return
    setViewport({ scrollTop: element.scrollTop, height: element.clientHeight - HEADER_HEIGHT })
  }

  const onScroll = (): void => {
    const element = scroller.current
    if (element === null) return
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < ROW_HEIGHT / 2
    // The list also gets longer between two scroll events: only moving up means that the user looks at older rows.
    if (atEnd) props.onFollow?.(true)
    else if (element.scrollTop < known.current.scrollTop - 1) props.onFollow?.(false)
    known.current.scrollTop = element.scrollTop
    measure()
  }

  useLayoutEffect(() => {
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(scroller.current as Element)
    return () => observer.disconnect()
  }, [])

  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return
    const gone = removedAbove - known.current.removedAbove
    known.current.removedAbove = removedAbove
    if (following) element.scrollTop = element.scrollHeight
    else if (gone > 0) element.scrollTop = Math.max(0, element.scrollTop - gone * ROW_HEIGHT)
    if (element.scrollTop !== known.current.scrollTop) {
      known.current.scrollTop = element.scrollTop
      measure()
    }
  }, [following, count, removedAbove])

  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null || selectedIndex < 0) return
    element.scrollTop = scrollTopFor({
      index: selectedIndex,
      scrollTop: element.scrollTop,
      viewportHeight: element.clientHeight - HEADER_HEIGHT,
      rowHeight: ROW_HEIGHT,
    })
  }, [selectedIndex])

  const { first, end } = virtualWindow({
    scrollTop: following ? count * ROW_HEIGHT : scrollTop,
    viewportHeight: height,
    rowHeight: ROW_HEIGHT,
    count,
    overscan: OVERSCAN,
  })

  const drawRow = (index: number): JSX.Element => {
    const isSelected = index === selectedIndex
    const isHovered = index === hoveredIndex
    return (
      <div
        key={props.rowKey(index)}
        id={`${id}-${index}`}
        class={`grid-row ${props.rowClass?.(index) ?? ''} ${isSelected ? 'grid-row-selected' : ''}`}
        role="row"
        aria-rowindex={index + 2}
        aria-selected={props.onSelect === undefined ? undefined : isSelected}
        style={{ gridTemplateColumns, transform: `translateY(${index * ROW_HEIGHT}px)` }}
        onClick={() => props.onSelect?.(index)}
        onPointerEnter={() => setHoveredIndex(index)}
      >
        {columns.map(({ key, align }, column) => (
          <div key={key} class={align === 'end' ? 'cell cell-end' : 'cell'} role="gridcell">
            {props.cell(index, column, isHovered)}
          </div>
        ))}
      </div>
    )
  }
  // Preact passes over an element that is the very same as before.
  const rows = new Map<string | number, DrawnRow>()
  for (let index = first; index < end; index += 1) {
    const key = props.rowKey(index)
    const from = [
      index,
      index === selectedIndex,
      index === hoveredIndex,
      gridTemplateColumns,
      ...props.drawnFrom(index),
    ]
    const before = drawn.current.get(key)
    const same =
      before !== undefined && from.every((value, position) => Object.is(value, before.from[position]))
    rows.set(key, same ? before : { from, element: drawRow(index) })
  }
  drawn.current = rows

  return (
    <div
      ref={scroller}
      class="grid"
      role="grid"
      tabIndex={0}
      aria-label={props.label}
      aria-rowcount={count + 1}
      aria-colcount={columns.length}
      aria-activedescendant={
        selectedIndex >= first && selectedIndex < end ? `${id}-${selectedIndex}` : undefined
      }
      onScroll={onScroll}
    >
      <div class="grid-head" role="rowgroup" style={{ minWidth: `${minWidth}px` }}>
        <div class="grid-row" role="row" aria-rowindex={1} style={{ gridTemplateColumns }}>
          {columns.map(({ key, title, align }) => (
            <div
              key={key}
              class={align === 'end' ? 'cell cell-end' : 'cell'}
              role="columnheader"
              title={title}
            >
              {title}
            </div>
          ))}
        </div>
      </div>
      {count === 0 ? (
        <div class="grid-empty" role="row">
          <div role="gridcell">{props.empty}</div>
        </div>
      ) : (
        <div
          class="grid-body"
          role="rowgroup"
          onPointerLeave={() => setHoveredIndex(-1)}
          style={{ height: `${count * ROW_HEIGHT}px`, minWidth: `${minWidth}px` }}
        >
          {[...rows.values()].map((row) => row.element)}
        </div>
      )}
    </div>
  )
}
