import { makeRng } from '../../base/rng.ts'
import { type Interval, percentiles } from '../../maths/confidence-interval.ts'

/**
 * More units than this are pooled at random: the spread of their sums stays the same, the work does
 * not grow.
 */
const UNITS = 2000

/** Intervals of statistics of sums over rows. */
interface Resampler {
  (statistics: (sums: Float64Array) => number[], options: ResampleOptions): (Interval | undefined)[]
  /** The sums over all rows. */
  total: Float64Array
}

interface ResampleOptions {
  runs: number
  seed: string | number
  level?: number
}

/**
 * Percentile bootstrap (Efron 1979) of statistics that are functions of `width` sums over rows:
 * `fill` gives what a row adds, into zeros. Whole groups are drawn, or rows where there are none; a
 * statistic that is no number in half of the draws has no interval.
 */
export function makeResampler(
  rows: number,
  width: number,
  groups: Int32Array | undefined,
  fill: (row: number, out: Float64Array) => void,
): Resampler {
  const found =
    groups === undefined ? rows : groups.reduce((top, group) => Math.max(top, group + 1), 0)
  const units = Math.min(found, UNITS)
  const pool = makeRng('pool')
  const unitOf = Int32Array.from({ length: found }, (_, group) =>
    found <= UNITS ? group : pool.below(UNITS),
  )
  const sums = new Float64Array(units * width)
  const total = new Float64Array(width)
  const row = new Float64Array(width)
  for (let i = 0; i < rows; i++) {
    row.fill(0)
    fill(i, row)
    const at = width * unitOf[groups === undefined ? i : groups[i]!]!
    for (let k = 0; k < width; k++) {
      sums[at + k] = sums[at + k]! + row[k]!
      total[k] = total[k]! + row[k]!
    }
  }
  const resample = (
    statistics: (sums: Float64Array) => number[],
    { runs, seed, level = 0.95 }: ResampleOptions,
  ): (Interval | undefined)[] => {
    const rng = makeRng(seed)
    const values: number[][] = statistics(total).map(() => [])
    for (let run = 0; run < runs && units > 1; run++)
      statistics(draw(sums, width, units, rng)).forEach((value, k) => {
        if (Number.isFinite(value)) values[k]?.push(value)
      })
    return values.map(each =>
      each.length < Math.max(1, runs / 2) ? undefined : percentiles(each, level),
    )
  }
  return Object.assign(resample, { total })
}

function draw(
  sums: Float64Array,
  width: number,
  units: number,
  rng: ReturnType<typeof makeRng>,
): Float64Array {
  const drawn = new Float64Array(width)
  for (let n = 0; n < units; n++) {
    const at = width * rng.below(units)
    for (let k = 0; k < width; k++) drawn[k] = drawn[k]! + sums[at + k]!
  }
  return drawn
}
