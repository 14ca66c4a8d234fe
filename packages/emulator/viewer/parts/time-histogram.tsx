import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'

import { formatCount, formatMoment, plural } from '../model/format.ts'
import { rangeOfBins } from '../model/histogram.ts'
import type { Histogram } from '../model/histogram.ts'
import { LEVEL_KINDS } from '../model/level.ts'
import * as logs from '../state/logs.ts'
import { Icon } from './icon.tsx'

const HEIGHT = 56
/** Quiet levels are at the bottom: what matters is on top and stands out. */
const STACKED = LEVEL_KINDS.toReversed()

/** How many rows, when: a drag over it, or the arrow keys with Shift and Enter, narrow the time. */
export function TimeHistogram(): JSX.Element | null {
  const histogram = logs.summary.value.histogram
  const zoomed = logs.filter.value.range !== undefined
  if (logs.entryCount.value === 0) return null
  return (
    <section class="histogram" aria-label="Rows over time">
      {histogram === undefined ? <div class="histogram-empty" /> : <Chart histogram={histogram} />}
      {zoomed && (
        <button
          type="button"
          class="button histogram-reset"
          onClick={() => logs.setFilter({ ...logs.filter.value, range: undefined })}
        >
          <Icon name="zoomOut" />
          All times
        </button>
      )}
    </section>
  )
}

interface Brush {
  readonly anchor: number
  readonly at: number
}

function Chart({ histogram }: { readonly histogram: Histogram }): JSX.Element {
  const { bins, peak, startMs, stepMs } = histogram
  const svg = useRef<SVGSVGElement>(null)
  const [brush, setBrush] = useState<Brush | undefined>(undefined)
  const dragging = useRef(false)
  const spanMs = bins.length * stepMs

  const binAt = (event: PointerEvent): number => {
    const { left, width } = (svg.current as SVGSVGElement).getBoundingClientRect()
    return clamp(Math.floor(((event.clientX - left) / width) * bins.length))
  }
  const clamp = (bin: number): number => Math.max(0, Math.min(bins.length - 1, bin))
  const zoom = ({ anchor, at }: Brush): void => {
    setBrush(undefined)
    logs.setFilter({ ...logs.filter.value, range: rangeOfBins(histogram, anchor, at) })
  }
  const onKey = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (by !== 0) {
      const at = clamp((brush?.at ?? (by > 0 ? -1 : bins.length)) + by)
      setBrush({ anchor: event.shiftKey && brush !== undefined ? brush.anchor : at, at })
    } else if (event.key === 'Enter' && brush !== undefined) zoom(brush)
    else if (event.key === 'Escape') setBrush(undefined)
    else return
    event.preventDefault()
  }

  const low = brush === undefined ? 0 : Math.min(brush.anchor, brush.at)
  const high = brush === undefined ? -1 : Math.max(brush.anchor, brush.at)
  const marked = bins.slice(low, high + 1).reduce((sum, bin) => sum + bin.total, 0)
  const total = bins.reduce((sum, bin) => sum + bin.total, 0)
  const caption =
    brush === undefined
      ? `${plural(total, 'row')}, ${describeStep(stepMs)} a bar`
      : `${formatMoment(startMs + low * stepMs, spanMs)} – ${formatMoment(startMs + (high + 1) * stepMs, spanMs)}: ${plural(marked, 'row')}`
  return (
    <>
      <div class="histogram-scale">
        <span>{formatCount(peak)}</span>
        <span>0</span>
      </div>
      <div class="histogram-chart">
        <svg
          ref={svg}
          class="histogram-bars"
          viewBox={`0 0 ${bins.length} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="slider"
          tabindex={0}
          aria-label="Time: arrow keys move, Shift selects, Enter narrows, Escape lets go"
          aria-valuemin={0}
          aria-valuemax={bins.length - 1}
          aria-valuenow={brush?.at ?? 0}
          aria-valuetext={caption}
          onKeyDown={onKey}
          onPointerDown={(event) => {
            if (event.button !== 0) return
            dragging.current = true
            svg.current?.setPointerCapture(event.pointerId)
            setBrush({ anchor: binAt(event), at: binAt(event) })
          }}
          onPointerMove={(event) => {
            const at = binAt(event)
            setBrush((current) => ({ anchor: dragging.current ? (current?.anchor ?? at) : at, at }))
          }}
          onPointerUp={() => {
            if (dragging.current && brush !== undefined) zoom(brush)
            dragging.current = false
          }}
          onPointerCancel={() => {
            dragging.current = false
            setBrush(undefined)
          }}
          onPointerLeave={() => {
            if (!dragging.current) setBrush(undefined)
          }}
        >
          {high >= low && (
            <rect class="histogram-brush" x={low} y={0} width={high - low + 1} height={HEIGHT} />
          )}
          {bins.map((bin, index) => {
            let below = 0
            return STACKED.map((kind) => {
              const count = bin.kinds[kind] ?? 0
              if (count === 0) return null
              const height = Math.max(1, (count / peak) * (HEIGHT - 2))
              below += height
              return (
                <rect
                  key={`${index}${kind}`}
                  class={`bar level-${kind}`}
                  x={index + 0.08}
                  y={HEIGHT - below}
                  width={0.84}
                  height={height}
                />
              )
            })
          })}
        </svg>
        <div class="histogram-axis">
          <span>{formatMoment(startMs, spanMs)}</span>
          <span class="histogram-caption">{caption}</span>
          <span>{formatMoment(startMs + spanMs, spanMs)}</span>
        </div>
      </div>
    </>
  )
}

function describeStep(stepMs: number): string {
  if (stepMs < 1_000) return `${stepMs} ms`
  if (stepMs < 60_000) return `${stepMs / 1_000} s`
  if (stepMs < 3_600_000) return `${stepMs / 60_000} min`
  return stepMs < 86_400_000 ? `${stepMs / 3_600_000} h` : `${stepMs / 86_400_000} d`
}
