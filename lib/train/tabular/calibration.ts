import { minimise } from '../../maths/optimiser.ts'
import { sigmoid } from '../trees/tree-loss.ts'

/** From a raw score z to a probability that means what it says. */
export type Calibrator =
  /** σ(slope·z + shift): Platt’s scaling, or with slope 1 the correction of class weights alone. */
  | { method: 'platt' | 'prior'; slope: number; shift: number; rows: number }
  /** Piecewise linear through (z, p), flat outside: isotonic regression. */
  | { method: 'isotonic'; z: number[]; p: number[]; rows: number }

/** Below this many calibration rows isotonic regression overfits (scikit-learn’s advice). */
const ISOTONIC_MIN_ROWS = 1000
/** Below this many rows of the rarer class even two numbers are not worth fitting. */
export const PLATT_MIN_OF_CLASS = 10
/** Fewest rows that a knot stands for: the share of a handful of rows is luck. */
const KNOT_MIN_ROWS = 50
/** Most knots: a larger graph would not be a better one. */
const KNOTS = 64
/** Rows at the base rate that every knot is mixed with: n rows out of n are not certainty. */
const PRIOR_ROWS = 2

type Labels = Float64Array | Uint8Array

/**
 * Fits a calibrator on rows that training has not seen. `shift` is the prior correction of class
 * weights, used alone when a class has fewer than 10 rows; isotonic from 1,000 rows if wanted, else
 * Platt.
 */
export function fitCalibrator(
  z: Float64Array,
  y: Labels,
  shift = 0,
  wantsIsotonic = true,
): Calibrator {
  const positives = sum(y)
  const rows = y.length
  if (Math.min(positives, rows - positives) < PLATT_MIN_OF_CLASS)
    return { method: 'prior', slope: 1, shift, rows }
  if (wantsIsotonic && rows >= ISOTONIC_MIN_ROWS)
    return { method: 'isotonic', ...fitIsotonic(z, y), rows }
  return { method: 'platt', ...fitPlatt(z, y), rows }
}

/** The probability a calibrator gives; the serving graph computes the same. */
export function calibrate(calibrator: Calibrator, z: number): number {
  if (calibrator.method !== 'isotonic') return sigmoid(calibrator.slope * z + calibrator.shift)
  const { z: at, p } = calibrator
  const after = at.findIndex(x => x >= z)
  if (after < 0) return p[p.length - 1]!
  if (after === 0) return p[0]!
  const part = (z - at[after - 1]!) / (at[after]! - at[after - 1]!)
  return p[after - 1]! + part * (p[after]! - p[after - 1]!)
}

/**
 * Platt’s scaling p = σ(slope·z + shift) by maximum likelihood, on the targets (N₊+1)/(N₊+2) and
 * 1/(N₋+2) that keep it from running off on separable data (Platt 1999; Lin, Lin & Weng 2007).
 */
export function fitPlatt(z: Float64Array, y: Labels): { slope: number; shift: number } {
  const positives = sum(y)
  const negatives = y.length - positives
  const [high, low] = [(positives + 1) / (positives + 2), 1 / (negatives + 2)]
  // A unit scale of z makes one start good for all.
  const scale = Math.sqrt(z.reduce((total, x) => total + x * x, 0) / z.length) || 1
  const { at } = minimise(
    ([slope, shift]) => {
      let value = 0
      const gradient = [0, 0]
      for (let i = 0; i < z.length; i++) {
        const x = z[i]! / scale
        const f = slope! * x + shift!
        const t = y[i] ? high : low
        value += Math.max(f, 0) + Math.log1p(Math.exp(-Math.abs(f))) - t * f
        const away = sigmoid(f) - t
        gradient[0]! += away * x
        gradient[1]! += away
      }
      return { value: value / z.length, gradient: gradient.map(g => g / z.length) }
    },
    [0, Math.log((positives + 1) / (negatives + 1))],
  )
  return { slope: at[0]! / scale, shift: at[1]! }
}

/**
 * Isotonic regression (Ayer et al. 1955) on neighbouring scores taken together until each knot
 * holds 50 rows or a 64th of all. A knot of n rows with k ones says (k + 2b)/(n + 2), b the base
 * rate: never more than its rows can support. float32, as the graph holds them.
 */
export function fitIsotonic(z: Float64Array, y: Labels): { z: number[]; p: number[] } {
  const base = sum(y) / y.length
  const supported = ({ ones, rows }: Pool): number =>
    (ones + PRIOR_ROWS * base) / (rows + PRIOR_ROWS)
  const least = Math.max(KNOT_MIN_ROWS, Math.ceil(y.length / KNOTS))
  const pools = poolAdjacent(poolAdjacent(gatherScores(z, y, least), share), supported)
  return { z: pools.map(meanScore), p: pools.map(pool => Math.fround(supported(pool))) }
}

/** Rows of neighbouring scores. */
interface Pool {
  scores: number
  ones: number
  rows: number
}
const meanScore = ({ scores, rows }: Pool): number => Math.fround(scores / rows)
const share = ({ ones, rows }: Pool): number => ones / rows
const joined = (a: Pool, b: Pool): Pool => ({
  scores: a.scores + b.scores,
  ones: a.ones + b.ones,
  rows: a.rows + b.rows,
})

/**
 * Pools of at least so many rows in order of score; equal scores stay together, a short rest joins
 * the last pool.
 */
function gatherScores(z: Float64Array, y: Labels, least: number): Pool[] {
  const order = Int32Array.from(z.keys()).sort((i, j) => z[i]! - z[j]!)
  const pools: Pool[] = []
  let open: Pool = { scores: 0, ones: 0, rows: 0 }
  for (const [k, i] of order.entries()) {
    open = joined(open, { scores: z[i]!, ones: y[i]!, rows: 1 })
    if (open.rows < least || z[order[k + 1] ?? -1] === z[i]) continue
    pools.push(open)
    open = { scores: 0, ones: 0, rows: 0 }
  }
  const last = open.rows > 0 ? pools.pop() : undefined
  if (open.rows > 0) pools.push(last === undefined ? open : joined(last, open))
  return pools
}

/** Joins neighbours until their values rise, and until their mean scores differ as float32. */
function poolAdjacent(pools: readonly Pool[], value: (pool: Pool) => number): Pool[] {
  const out: Pool[] = []
  for (const each of pools) {
    let pool = each
    for (let top = out.at(-1); top !== undefined && !isBelow(top, pool, value); top = out.at(-1)) {
      out.pop()
      pool = joined(top, pool)
    }
    out.push(pool)
  }
  return out
}

const isBelow = (a: Pool, b: Pool, value: (pool: Pool) => number): boolean =>
  value(a) < value(b) && meanScore(a) < meanScore(b)

const sum = (y: Labels): number => {
  let total = 0
  for (const value of y) total += value
  return total
}

/** Isotonic regression of a sequence with equal weights: the fitted value of each element. */
export function isotonic(y: readonly number[]): number[] {
  const pools = y.map((ones, k): Pool => ({ scores: k, ones, rows: 1 }))
  return poolAdjacent(pools, share).flatMap(pool => Array<number>(pool.rows).fill(share(pool)))
}
