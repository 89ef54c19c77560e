import type { Report } from './trade-report.ts'

/**
 * Realised equity at a time, as a share of the start, and how far below its peak it is, as a share
 * of the peak.
 */
interface CurvePoint {
  ts: number
  equity: number
  fall: number
}

/** More points than pixels draw nothing more. */
const MOST = 2000

/** Equity from the first line to the last, at most 2,000 points. Empty without a change. */
export function curveOf(report: Report): CurvePoint[] {
  const { from, to } = report.span()
  const changes = report.changes()
  if (changes.length === 0) return []
  let [equity, peak] = [1, 1]
  const all: CurvePoint[] = [{ ts: from, equity, fall: 0 }]
  for (const { ts, gain } of changes) {
    equity += gain
    peak = Math.max(peak, equity)
    all.push({ ts, equity, fall: (peak - equity) / peak })
  }
  all.push({ ...all.at(-1)!, ts: to })
  return thinned(all)
}

/** Of each stretch its lowest point and its last, so that no drawdown disappears. */
function thinned(points: readonly CurvePoint[]): CurvePoint[] {
  if (points.length <= MOST) return [...points]
  const width = Math.ceil((2 * points.length) / MOST)
  const kept: CurvePoint[] = []
  for (let at = 0; at < points.length; at += width) {
    const stretch = points.slice(at, at + width)
    const last = stretch.at(-1)!
    const lowest = stretch.reduce((low, point) => (point.equity < low.equity ? point : low), last)
    if (lowest !== last) kept.push(lowest)
    kept.push(last)
  }
  return kept
}

const BLOCKS = '▁▂▃▄▅▆▇█'

/** The curve in one line of `width` characters, from its lowest value to its highest. */
export function curveText(points: readonly CurvePoint[], width: number): string {
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined || !(last.ts > first.ts)) return ''
  const low = points.reduce((least, { equity }) => Math.min(least, equity), 1)
  const high = points.reduce((most, { equity }) => Math.max(most, equity), 1)
  let [text, at] = ['', 0]
  for (let column = 1; column <= width; column++) {
    const until = first.ts + ((last.ts - first.ts) * column) / width
    while (at + 1 < points.length && points[at + 1]!.ts <= until) at++
    const height = high > low ? (points[at]!.equity - low) / (high - low) : 0
    text += BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(height * BLOCKS.length))]
  }
  return text
}
