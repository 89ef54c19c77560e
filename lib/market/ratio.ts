/**
 * The only crossings between exact amounts (bigint, base units) and ratios (numbers). Amounts never
 * pass through a float; a fraction enters as a whole number of billionths, a float price as the
 * exact binary fraction that it is.
 */

const BILLION = 1_000_000_000n

/**
 * `amount × fraction`, floored; the fraction is taken to the nearest billionth. Throws on NaN and
 * infinities.
 */
export function scale(amount: bigint, fraction: number): bigint {
  return (amount * BigInt(Math.round(fraction * 1e9))) / BILLION
}

/**
 * `part / whole` as a fraction with nine decimals, rounded toward zero; 0 when there is no whole.
 */
export function share(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number((part * BILLION) / whole) / 1e9 + 0
}

/**
 * Numerator and denominator of a positive finite float, exactly (binary fractions are rational).
 */
export function rational(value: number): [numerator: bigint, denominator: bigint] {
  if (!(value > 0) || value === Number.POSITIVE_INFINITY)
    throw new RangeError(`no positive number: ${value}`)
  let scaled = value
  let twos = 0
  while (scaled !== Math.floor(scaled)) {
    scaled *= 2
    twos++
  }
  return [BigInt(scaled), 1n << BigInt(twos)]
}

/** Price of a whole token from two exact amounts of a swap; undefined when no token moved. */
export function pricePaid(
  quote: bigint,
  base: bigint,
  quoteDecimals: number,
  baseDecimals: number,
): number | undefined {
  return base <= 0n
    ? undefined
    : tidy((Number(quote) / Number(base)) * 10 ** (baseDecimals - quoteDecimals))
}

/**
 * Twelve significant digits: drops the noise of the last float operations from numbers that people
 * read.
 */
export const tidy = (value: number): number => Number(value.toPrecision(12)) + 0

/** Whole tokens as a number, to be compared with a traded volume. */
export const wholeTokens = (base: bigint, decimals: number): number => Number(base) / 10 ** decimals

/** The smaller of two amounts. */
export function least(a: bigint, b: bigint): bigint {
  if (a < b) return a
  return b
}

/** The larger of two amounts. */
export function most(a: bigint, b: bigint): bigint {
  if (a > b) return a
  return b
}

/**
 * Largest amount that a record can hold (38 digits); what comes out larger has no honest price
 * behind it.
 */
export const MAX_AMOUNT = 10n ** 38n - 1n
