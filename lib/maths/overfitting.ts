/** How often the best of many was the best by luck. */
export interface Overfitting {
  /** Share of splits in which the best of one half is below the middle in the other. */
  probability: number
  /** Parts of equal length that the time was cut into, and ways to take half of them. */
  parts: number
  splits: number
}

const MOST_PARTS = 16
/** Splits × trials beyond which fewer parts are taken: 12,870 splits of a thousand trials. */
const MOST_WORK = 13_000_000
/** A part with fewer periods has no deviation worth its name. */
const LEAST_PERIODS = 4

interface Sums {
  n: number
  sum: number
  squares: number
}

/**
 * Probability of backtest overfitting by combinatorially symmetric cross-validation (Bailey,
 * Borwein, López de Prado, Zhu 2017, “The Probability of Backtest Overfitting”, §3): time is cut
 * into an even number of parts, each half of them chooses the trial with the highest Sharpe ratio,
 * and its rank among the trials in the other half counts: probability = share of splits whose logit
 * of rank / (trials + 1) is at most 0. `returns` holds one row of equal length per trial.
 * Undefined with fewer than two trials or 16 periods.
 */
export function overfittingOf(returns: readonly Float64Array[]): Overfitting | undefined {
  const trials = returns.length
  const periods = returns[0]?.length ?? 0
  let parts = Math.min(MOST_PARTS, 2 * Math.floor(periods / LEAST_PERIODS / 2))
  while (parts > 4 && splitsOf(parts).length * trials > MOST_WORK) parts -= 2
  if (trials < 2 || parts < 4) return undefined
  const sums = returns.map(row => sumsOf(row, parts))
  const splits = splitsOf(parts)
  const lost = splits.filter(inside => !isAboveMiddle(sums, inside)).length
  return { probability: lost / splits.length, parts, splits: splits.length }
}

/** Every way to take half of the parts, as bits. */
function splitsOf(parts: number): number[] {
  const found: number[] = []
  for (let bits = 0; bits < 1 << parts; bits++) {
    let count = 0
    for (let rest = bits; rest > 0; rest &= rest - 1) count++
    if (count === parts / 2) found.push(bits)
  }
  return found
}

/** Sums per part; what is left over at the end belongs to the last. */
function sumsOf(row: Float64Array, parts: number): Sums[] {
  const width = Math.floor(row.length / parts)
  const sums = Array.from({ length: parts }, () => ({ n: 0, sum: 0, squares: 0 }))
  for (const [i, value] of row.entries()) {
    const part = sums[Math.min(parts - 1, Math.floor(i / width))]!
    part.n++
    part.sum += value
    part.squares += value * value
  }
  return sums
}

function isAboveMiddle(sums: readonly Sums[][], inside: number): boolean {
  let [best, high] = [0, Number.NEGATIVE_INFINITY]
  for (const [trial, parts] of sums.entries()) {
    const ratio = ratioOf(parts, inside)
    if (ratio > high) [best, high] = [trial, ratio]
  }
  const outside = sums.map(parts => ratioOf(parts, ~inside))
  const own = outside[best]!
  // Equal ratios share the middle of their ranks.
  const below = outside.filter(ratio => ratio < own).length
  const equal = outside.filter(ratio => ratio === own).length
  const rank = below + (equal + 1) / 2
  return Math.log(rank / (sums.length + 1 - rank)) > 0
}

/** Mean over deviation (n − 1) in the parts of the bits; 0 without spread. */
function ratioOf(parts: readonly Sums[], bits: number): number {
  let [n, sum, squares] = [0, 0, 0]
  for (const [i, part] of parts.entries()) {
    if (((bits >> i) & 1) === 0) continue
    n += part.n
    sum += part.sum
    squares += part.squares
  }
  const spread = (squares - (sum * sum) / n) / (n - 1)
  return spread > 1e-24 ? sum / n / Math.sqrt(spread) : 0
}
