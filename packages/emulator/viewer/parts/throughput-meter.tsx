import type { JSX } from 'preact'

import { formatBytes, formatRate } from '../model/format.ts'
import { throughput } from '../state/verdicts.ts'

const WIDTH = 90
const HEIGHT = 22

/** Rows a second over the last minute. */
export function ThroughputMeter(): JSX.Element {
  const { rows, rowsPerSecond, requestsPerSecond, bytesPerSecond } = throughput.value
  const peak = Math.max(1, ...rows)
  const width = WIDTH / rows.length
  return (
    <div
      class="throughput"
      title={`${formatRate(requestsPerSecond)} requests/s, ${formatBytes(bytesPerSecond)}/s on the wire`}
    >
      <svg
        class="sparkline"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        width={WIDTH}
        height={HEIGHT}
        aria-hidden="true"
      >
        {rows.map((count, second) => {
          const height = count === 0 ? 1 : Math.max(2, (count / peak) * HEIGHT)
          return (
            <rect
              key={second}
              class={count === 0 ? 'sparkline-none' : 'sparkline-some'}
              x={second * width}
              y={HEIGHT - height}
              width={width * 0.8}
              height={height}
            />
          )
        })}
      </svg>
      <span class="throughput-text">
        <strong>{formatRate(rowsPerSecond)}</strong> rows/s
      </span>
    </div>
  )
}
