import { type Interval, percentiles } from './confidence-interval.ts'
import { resampled } from './resample.ts'

/** A figure of two rows of the same periods; undefined where they have none. */
export type PairedFigure = (one: Float64Array, other: Float64Array) => number | undefined

/**
 * 95 % interval of a figure of two rows of equal length (percentiles of the circular block
 * bootstrap): both are drawn in the same blocks, so that what both lived through cancels out.
 * Undefined where under half of the runs have the figure. Seeded.
 */
export function pairedInterval(
  one: Float64Array,
  other: Float64Array,
  figure: PairedFigure,
  how: { runs: number; block: number; seed: string },
): Interval | undefined {
  if (one.length !== other.length) throw new Error('rows of different length')
  const [drawnOne, drawnOther] = [new Float64Array(one.length), new Float64Array(one.length)]
  const values: number[] = []
  for (const places of resampled(
    Float64Array.from(one, (_, i) => i),
    how,
  )) {
    for (const [i, place] of places.entries()) {
      drawnOne[i] = one[place]!
      drawnOther[i] = other[place]!
    }
    const value = figure(drawnOne, drawnOther)
    if (value !== undefined && Number.isFinite(value)) values.push(value)
  }
  return values.length < Math.max(1, how.runs / 2) ? undefined : percentiles(values, 0.95)
}
