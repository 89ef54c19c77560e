/** From values to pixels. */
export interface Scale {
  low: number
  high: number
  at(value: number): number
}

/** Straight from [low, high] to the pixels [from, to]. */
export function makeScale([low, high]: readonly [number, number], from: number, to: number): Scale {
  const perUnit = (to - from) / (high - low)
  return { low, high, at: value => from + (value - low) * perUnit }
}

/**
 * The same by ratio: equal factors are equally far apart. What is 0 or less lies on the lower end.
 */
export function makeLogScale(
  [low, high]: readonly [number, number],
  from: number,
  to: number,
): Scale {
  const perUnit = (to - from) / (Math.log(high) - Math.log(low))
  return {
    low,
    high,
    at: value => from + (value > 0 ? (Math.log(value) - Math.log(low)) * perUnit : 0),
  }
}

/**
 * Least and greatest of some values; undefined without any. (Not Math.min(...): that fails on long
 * lists.)
 */
export function extentOf(values: readonly number[]): [number, number] | undefined {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return low <= high ? [low, high] : undefined
}

/** Ends of an axis: the span between two of them is still a number. */
const LARGEST = Number.MAX_VALUE / 2

/**
 * An extent with room at both ends (a share of its span). One of a single value, or of values that
 * differ by less than floating point can count along an axis, is widened around it.
 */
export function padded([low, high]: readonly [number, number], share: number): [number, number] {
  const size = Math.max(Math.abs(low), Math.abs(high))
  const span = high - low > size * 1e-9 ? high - low : size || 1
  return [Math.max(low - span * share, -LARGEST), Math.min(high + span * share, LARGEST)]
}

/** The same by ratio, for values above 0. */
export function paddedByRatio(
  [low, high]: readonly [number, number],
  share: number,
): [number, number] {
  const room = Math.exp(Math.max(0.01, (Math.log(high) - Math.log(low)) * share))
  return [Math.max(low / room, Number.MIN_VALUE), Math.min(high * room, LARGEST)]
}
