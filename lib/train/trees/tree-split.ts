import { MISSING } from './bins.ts'

/** Cells per feature: its bins, the last for unknown values. */
export const BINS = 256

/**
 * Sums per cell of each feature. Rows lie apart: a small node has rows in few cells, and the others
 * are skipped fast.
 */
export interface Histogram {
  /** Σ gradient at 2·cell, Σ hessian beside it. */
  sums: Float64Array
  rows: Int32Array
}

/** Sums and rows of nothing: BINS cells for every feature. */
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

/**
 * What a monotone model demands of a cut: outputs stay between, and the right one lies on the given
 * side of the left.
 */
interface Limits {
  low: number
  high: number
  /** +1 rising, −1 falling, 0 free. */
  way: number
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

/** Best output of a node within limits: −G/(H+λ), cut off at them. */
export const outputOf = (
  g: number,
  h: number,
  l2: number,
  { low, high }: Omit<Limits, 'way'>,
): number => Math.min(high, Math.max(low, -g / (h + l2)))

/** The cells of one feature in a histogram. */
interface Column {
  histogram: Histogram
  /** Position of its first cell. */
  from: number
  /** Bins of known values. */
  cells: number
  feature: number
}

/** The node that is to be cut. */
interface Node {
  total: Totals
  rules: SplitRules
  limits?: Limits | undefined
}

/**
 * Improves `best` with the cuts of one feature. Gain = ½[G_L²/(H_L+λ) + G_R²/(H_R+λ) − G²/(H+λ)]
 * (Chen and Guestrin 2016, eq. 7). Unknown values are tried on both sides; where a node has none,
 * they will follow its larger child. With limits, outputs are cut off at them and cuts that run
 * against the wanted way are left out.
 */
export function scanFeature(column: Column, node: Node, best: Split): void {
  const { histogram, from, cells } = column
  const unknown = from + MISSING
  const missing = histogram.rows[unknown]!
  const scan = makeScan(column, node, best)
  // With unknown values the last cut (all known | unknown) is a real one, without it would leave
  // the right side empty.
  scan(missing > 0 ? cells : cells - 1, { g: 0, h: 0, n: 0 }, false)
  if (missing === 0) return
  const start = { g: histogram.sums[2 * unknown]!, h: histogram.sums[2 * unknown + 1]!, n: missing }
  scan(cells - 1, start, true)
}

function makeScan(
  { histogram, from, feature }: Column,
  { total, rules, limits }: Node,
  best: Split,
): (cuts: number, start: Totals, missingLeft: boolean) => void {
  const { minLeaf, minHessian, l2 } = rules
  const { sums, rows: counts } = histogram
  const { g: G, h: H, n: N } = total
  const parent = limits === undefined ? (G * G) / (H + l2) : -2 * lossOf(G, H, l2, limits)
  const hasMissing = counts[from + MISSING] !== 0
  return (cuts, start, missingLeft) => {
    let { g, h, n } = start
    for (let bin = 0; bin < cuts; bin++) {
      const cell = from + bin
      const rows = counts[cell]!
      if (rows === 0) continue
      g += sums[2 * cell]!
      h += sums[2 * cell + 1]!
      n += rows
      if (n < minLeaf || h < minHessian) continue
      const rightH = H - h
      if (N - n < minLeaf || rightH < minHessian) return
      const rightG = G - g
      const gain =
        limits === undefined
          ? 0.5 * ((g * g) / (h + l2) + (rightG * rightG) / (rightH + l2) - parent)
          : limitedGain({ g, h }, { g: rightG, h: rightH }, l2, limits) - 0.5 * parent
      if (gain > best.gain && gain > 1e-12 * parent) {
        best.gain = gain
        best.feature = feature
        best.bin = bin
        best.missingLeft = missingLeft || (!hasMissing && 2 * n >= N)
        best.left.g = g
        best.left.h = h
        best.left.n = n
      }
    }
  }
}

/** Loss of a node at its best allowed output v, to second order: Gv + ½(H+λ)v². */
function lossOf(g: number, h: number, l2: number, limits: Limits): number {
  const v = outputOf(g, h, l2, limits)
  return g * v + 0.5 * (h + l2) * v * v
}

type Side = Omit<Totals, 'n'>

function limitedGain(left: Side, right: Side, l2: number, limits: Limits): number {
  const rise = outputOf(right.g, right.h, l2, limits) - outputOf(left.g, left.h, l2, limits)
  if (limits.way * rise < 0) return Number.NEGATIVE_INFINITY
  return -lossOf(left.g, left.h, l2, limits) - lossOf(right.g, right.h, l2, limits)
}
