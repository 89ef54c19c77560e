import { makeRng } from '../base/rng.ts'
import { quantile } from './normal.ts'

export type Interval = readonly [low: number, high: number]

/** Wilson score interval of k successes in n trials (Wilson 1927); [0, 1] without trials. */
export function wilson(k: number, n: number, level = 0.95): Interval {
  if (n === 0) return [0, 1]
  const z = quantile(level)
  const p = k / n
  const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n)
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))
  return [k === 0 ? 0 : Math.max(0, centre - half), k === n ? 1 : Math.min(1, centre + half)]
}

/**
 * Percentile bootstrap over groups: rows of one token are dependent, so whole tokens are drawn with
 * replacement. `statistic` gets how often each row counts. Runs whose statistic is not a number
 * (one class drawn) are left out; undefined when fewer than half are left or there are fewer than
 * two groups.
 */
export function bootstrapByGroup(
  groups: Int32Array,
  statistic: (weight: Float64Array) => number,
  { runs = 2000, seed = 'bootstrap' as string | number, level = 0.95 } = {},
): Interval | undefined {
  const count = groups.reduce((top, group) => Math.max(top, group + 1), 0)
  if (count < 2) return undefined
  const rng = makeRng(seed)
  const drawn = new Float64Array(count)
  const weight = new Float64Array(groups.length)
  const values: number[] = []
  for (let run = 0; run < runs; run++) {
    drawn.fill(0)
    for (let k = 0; k < count; k++) {
      const group = rng.below(count)
      drawn[group] = drawn[group]! + 1
    }
    for (let i = 0; i < weight.length; i++) weight[i] = drawn[groups[i]!]!
    const value = statistic(weight)
    if (Number.isFinite(value)) values.push(value)
  }
  return values.length < runs / 2 ? undefined : percentiles(values, level)
}

/** The percentiles that hold `level` of the values between them. */
export function percentiles(values: number[], level: number): Interval {
  const sorted = Float64Array.from(values).sort()
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
  return [at((1 - level) / 2), at(1 - (1 - level) / 2)]
}

/** Numbers 0, 1, … for equal texts, in the order of their first appearance. */
export function groupNumbers(keys: readonly string[]): Int32Array {
  const seen = new Map<string, number>()
  return Int32Array.from(keys, key => {
    const known = seen.get(key) ?? seen.size
    seen.set(key, known)
    return known
  })
}
