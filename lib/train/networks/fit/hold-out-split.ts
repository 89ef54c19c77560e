import { DataError } from '../../../base/errors.ts'

/** Rows that train, rows that decide when to stop, and still later rows that calibrate. */
export interface Split {
  train: number[]
  valid: number[]
  calibration: number[]
}

export interface SplitOptions {
  /** Shares of the rows, from the end of time. */
  validShare: number
  calibrationShare: number
  /** Rows whose label looks this far ahead into the next slice are left out. */
  purgeMs: number
}
export const SPLIT: SplitOptions = { validShare: 0.15, calibrationShare: 0.15, purgeMs: 0 }

/**
 * Cuts rows by time. Rows of one moment stay together; rows within `purgeMs` before a cut are in no
 * slice. @throws DataError when a time is not a number.
 */
export function splitByTime(
  ts: Float64Array,
  { validShare, calibrationShare, purgeMs }: SplitOptions,
): Split {
  const odd = ts.findIndex(x => !Number.isFinite(x))
  if (odd >= 0) throw new DataError(`row ${odd} has time ${ts[odd]}`, { field: 'ts' })
  const order = [...ts.keys()].sort((a, b) => ts[a]! - ts[b]! || a - b)
  const cut = (share: number): number =>
    share > 0 ? ts[order[Math.floor(order.length * (1 - share))]!]! : Infinity
  const second = cut(calibrationShare)
  const first = validShare > 0 ? cut(validShare + calibrationShare) : second
  return {
    train: order.filter(row => ts[row]! + purgeMs < first),
    valid: order.filter(row => ts[row]! >= first && ts[row]! + purgeMs < second),
    calibration: order.filter(row => ts[row]! >= second),
  }
}

/**
 * The slices named by a table that was split before: 0 train, 1 valid, 2 calibration, anything else
 * unused.
 */
export function splitGiven(slice: Uint8Array): Split {
  const of = (which: number): number[] => [...slice.keys()].filter(row => slice[row] === which)
  return { train: of(0), valid: of(1), calibration: of(2) }
}
