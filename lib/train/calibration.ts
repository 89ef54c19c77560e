import { minimise } from './optimiser.ts'

/** From the logit z of a network to a probability that means what it says. */
export type Calibrator =
  /** σ(slope·z + shift): Platt’s scaling, or with slope 1 the correction of class weights alone. */
  | { method: 'platt' | 'prior'; slope: number; shift: number; rows: number }
  /** Piecewise linear through (z, p), flat outside: isotonic regression. */
  | { method: 'isotonic'; z: number[]; p: number[]; rows: number }

/** Below this many calibration rows isotonic regression overfits (scikit-learn’s advice). */
export const ISOTONIC_MIN_ROWS = 1000
/** Below this many rows of the rarer class even two numbers are not worth fitting. */
const PLATT_MIN_OF_CLASS = 10
/** A node per knot would be a large graph; equal steps of the data keep the shape. */
const KNOTS = 64

/**
 * Fits a calibrator on rows that training has not seen. `shift` is the prior correction of class weights, used alone when a
 * class has fewer than 10 rows; isotonic from 1,000 rows if wanted, else Platt.
 */
export function fitCalibrator(z: Float64Array, y: Uint8Array, shift: number, isotonic = true): Calibrator {
  const positives = y.reduce((sum, x) => sum + x, 0)
  const rows = y.length
  if (Math.min(positives, rows - positives) < PLATT_MIN_OF_CLASS) return { method: 'prior', slope: 1, shift, rows }
  if (isotonic && rows >= ISOTONIC_MIN_ROWS) return { method: 'isotonic', ...fitIsotonic(z, y), rows }
  return { method: 'platt', ...fitPlatt(z, y), rows }
}

/** The probability a calibrator gives; the serving graph computes the same. */
export function calibrate(calibrator: Calibrator, z: number): number {
  if (calibrator.method !== 'isotonic') return 1 / (1 + Math.exp(-(calibrator.slope * z + calibrator.shift)))
  const { z: at, p } = calibrator
  const after = at.findIndex(x => x >= z)
  if (after < 0) return p[p.length - 1]!
  if (after === 0) return p[0]!
  const part = (z - at[after - 1]!) / (at[after]! - at[after - 1]!)
  return p[after - 1]! + part * (p[after]! - p[after - 1]!)
}

/**
 * Platt’s scaling p = σ(slope·z + shift) by maximum likelihood, on the targets (N₊+1)/(N₊+2) and 1/(N₋+2) that keep it
 * from running off on separable data (Platt 1999; Lin, Lin & Weng 2007).
 */
export function fitPlatt(z: Float64Array, y: Uint8Array): { slope: number; shift: number } {
  const positives = y.reduce((sum, x) => sum + x, 0)
  const negatives = y.length - positives
  const [high, low] = [(positives + 1) / (positives + 2), 1 / (negatives + 2)]
  // A unit scale of z makes one start good for all.
  const scale = Math.sqrt(z.reduce((sum, x) => sum + x * x, 0) / z.length) || 1
  const { at } = minimise(
    ([slope, shift]) => {
      let value = 0
      const gradient = [0, 0]
      for (let i = 0; i < z.length; i++) {
        const x = z[i]! / scale
        const f = slope! * x + shift!
        const t = y[i] ? high : low
        value += Math.max(f, 0) + Math.log1p(Math.exp(-Math.abs(f))) - t * f
        const away = 1 / (1 + Math.exp(-f)) - t
        gradient[0]! += away * x
        gradient[1]! += away
      }
      return { value: value / z.length, gradient: gradient.map(g => g / z.length) }
    },
    [0, Math.log((positives + 1) / (negatives + 1))],
  )
  return { slope: at[0]! / scale, shift: at[1]! }
}

/** Isotonic regression of y on z by pooling adjacent violators, as at most 64 knots at the middle of each pool. */
export function fitIsotonic(z: Float64Array, y: Uint8Array): { z: number[]; p: number[] } {
  const order = [...z.keys()].sort((a, b) => z[a]! - z[b]!)
  const values = poolAdjacent(
    order.map(i => y[i]!),
    order.map(i => z[i]!),
  )
  const keep = Math.ceil(values.length / KNOTS)
  const knots = values.filter((_, i) => i % keep === 0 || i === values.length - 1)
  return { z: knots.map(k => k.z), p: knots.map(k => k.p) }
}

interface Pool {
  z: number
  p: number
  rows: number
}

/** Pools neighbours until the means rise; equal z are one pool from the start. */
function poolAdjacent(y: readonly number[], z: readonly number[]): Pool[] {
  const pools: Pool[] = []
  for (const [i, value] of y.entries()) {
    let pool: Pool = { z: z[i]!, p: value, rows: 1 }
    for (let top = pools.at(-1); top !== undefined && (top.p >= pool.p || top.z === pool.z); top = pools.at(-1)) {
      pools.pop()
      const rows = top.rows + pool.rows
      const mix = (a: number, b: number): number => (a * top.rows + b * pool.rows) / rows
      pool = { z: top.z === pool.z ? pool.z : mix(top.z, pool.z), p: mix(top.p, pool.p), rows }
    }
    pools.push(pool)
  }
  return pools
}

/** Isotonic regression of a sequence with equal weights: the fitted value of each element. */
export function isotonic(y: readonly number[]): number[] {
  return poolAdjacent(y, [...y.keys()]).flatMap(({ p, rows }) => Array<number>(rows).fill(p))
}
