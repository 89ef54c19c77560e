import { share } from '../market/ratio.ts'
import type { Equity } from '../records/position.ts'

/** What the account was worth at a time, as a share of the cash at the start. */
export interface Mark {
  ts: number
  worth: number
  /** Length of the periods that marks stand at the ends of. */
  everyMs: number
}

/** Takes in marks, in the order of lines. */
export function makeMarked(start: () => bigint) {
  const marks: { ts: number; worth: bigint; everyMs: number }[] = []
  const all = (): Mark[] =>
    marks.map(({ ts, worth, everyMs }) => ({ ts, worth: share(worth, start()), everyMs }))
  return {
    take(ts: number, { equityLamports, everyMs }: Equity): void {
      marks.push({ ts, worth: BigInt(equityLamports), everyMs })
    },
    all,
    /** Largest fall from a peak, the start counted. */
    drawdown(): { markedDrawdown?: number } {
      let [peak, fall] = [1, 0]
      for (const { worth } of all()) {
        peak = Math.max(peak, worth)
        fall = Math.max(fall, (peak - worth) / peak)
      }
      return marks.length === 0 ? {} : { markedDrawdown: Math.round(fall * 1e9) / 1e9 }
    },
  }
}

/**
 * Returns per period of an account marked to market, from the first line to the last: each period
 * ends at its last mark, and one without a mark earns nothing. Undefined where marks are further
 * apart than the periods are long.
 */
export function markedReturns(
  marks: readonly Mark[],
  from: number,
  to: number,
  periodMs: number,
): Float64Array | undefined {
  if (marks.length === 0 || marks.some(({ everyMs }) => everyMs > periodMs)) return undefined
  const first = Math.floor(from / periodMs)
  const ends = new Float64Array(Math.max(0, Math.floor(to / periodMs) - first + 1)).fill(Number.NaN)
  // A mark at a boundary ends the period before it.
  for (const { ts, worth } of marks) {
    const at = Math.floor((ts - 1) / periodMs) - first
    if (at >= 0 && at < ends.length) ends[at] = worth
  }
  let worth = 1
  return ends.map(end => {
    if (Number.isNaN(end)) return 0
    const made = worth > 0 ? end / worth - 1 : 0
    worth = end
    return made
  })
}
