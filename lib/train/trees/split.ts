import { MISSING } from './bins.ts'

/** Cells per feature: its bins, the last for unknown values. */
export const BINS = 256

/** Sums per cell of each feature. Rows lie apart: a small node has rows in few cells, and the others are skipped fast. */
export interface Histogram {
  /** Σ gradient at 2·cell, Σ hessian beside it. */
  sums: Float64Array
  rows: Int32Array
}

export const makeHistogram = (features: number): Histogram => ({
  sums: new Float64Array(2 * BINS * features),
  rows: new Int32Array(BINS * features),
})

/** Makes every cell empty. */
export function clear(histogram: Histogram): Histogram {
  histogram.sums.fill(0)
  histogram.rows.fill(0)
  return histogram
}

export interface SplitRules {
  minLeaf: number
  minHessian: number
  l2: number
}

/** Sums of a node: Σg, Σh, rows. */
export interface Totals {
  g: number
  h: number
  n: number
}

export interface Split {
  gain: number
  feature: number
  /** Rows of bins up to and including this one go left. */
  bin: number
  missingLeft: boolean
  left: Totals
}

/** A split that any real one beats. */
export const noSplit = (): Split => ({
  gain: 0,
  feature: -1,
  bin: 0,
  missingLeft: false,
  left: { g: 0, h: 0, n: 0 },
})

/**
 * Improves `best` with the cuts of one feature. Gain = ½[G_L²/(H_L+λ) + G_R²/(H_R+λ) − G²/(H+λ)] (Chen and Guestrin
 * 2016, eq. 7). Unknown values are tried on both sides; where a node has none, they will follow its larger child.
 * `cells` is the number of bins of known values, `from` the position of the feature's first cell.
 */
export function scanFeature(
  histogram: Histogram,
  from: number,
  cells: number,
  feature: number,
  total: Totals,
  rules: SplitRules,
  best: Split,
): void {
  const unknown = from + MISSING
  const missing = histogram.rows[unknown] as number
  // With unknown values the last cut (all known | unknown) is a real one, without it would leave the right side empty.
  scan(histogram, from, missing > 0 ? cells : cells - 1, feature, total, { g: 0, h: 0, n: 0 }, false, rules, best)
  if (missing === 0) return
  const start = { g: histogram.sums[2 * unknown] as number, h: histogram.sums[2 * unknown + 1] as number, n: missing }
  scan(histogram, from, cells - 1, feature, total, start, true, rules, best)
}

function scan(
  histogram: Histogram,
  from: number,
  cuts: number,
  feature: number,
  total: Totals,
  start: Totals,
  missingLeft: boolean,
  rules: SplitRules,
  best: Split,
): void {
  const { minLeaf, minHessian, l2 } = rules
  const { sums, rows: counts } = histogram
  const { g: G, h: H, n: N } = total
  const parent = (G * G) / (H + l2)
  let { g, h, n } = start
  for (let bin = 0; bin < cuts; bin++) {
    const cell = from + bin
    const rows = counts[cell] as number
    if (rows === 0) continue
    g += sums[2 * cell] as number
    h += sums[2 * cell + 1] as number
    n += rows
    if (n < minLeaf || h < minHessian) continue
    const rightH = H - h
    if (N - n < minLeaf || rightH < minHessian) return
    const rightG = G - g
    const gain = 0.5 * ((g * g) / (h + l2) + (rightG * rightG) / (rightH + l2) - parent)
    if (gain > best.gain && gain > 1e-12 * parent) {
      best.gain = gain
      best.feature = feature
      best.bin = bin
      best.missingLeft = missingLeft || (start.n === 0 && counts[from + MISSING] === 0 && 2 * n >= N)
      best.left.g = g
      best.left.h = h
      best.left.n = n
    }
  }
}
