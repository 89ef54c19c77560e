/**
 * Jensen–Shannon divergence of two distributions over the same cells, base 2: 0 = the same, 1 =
 * nothing in common. ½·KL(P‖M) + ½·KL(Q‖M) with M = (P + Q)/2 and 0·log 0 = 0. Its square root is
 * the Jensen–Shannon *distance*.
 */
export function jsDivergence(p: readonly number[], q: readonly number[]): number {
  let sum = 0
  for (let k = 0; k < p.length; k++) {
    const [a, b] = [p[k]!, q[k]!]
    const middle = (a + b) / 2
    if (a > 0) sum += (a / 2) * Math.log2(a / middle)
    if (b > 0) sum += (b / 2) * Math.log2(b / middle)
  }
  return Math.max(0, sum)
}

/**
 * Population stability index Σ (q − p)·ln(q / p), natural logarithm. Empty cells count as `floor`,
 * as Evidently does it; shares that were smoothed (`smoothed`) have none.
 */
export function psi(p: readonly number[], q: readonly number[], floor = 1e-4): number {
  let sum = 0
  for (let k = 0; k < p.length; k++) {
    const a = p[k]! > 0 ? p[k]! : floor
    const b = q[k]! > 0 ? q[k]! : floor
    sum += (b - a) * Math.log(b / a)
  }
  return sum
}

/** Counts as shares. */
export function shares(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.map(count => count / total)
}

/**
 * Counts as shares after adding ½ to each, so that one empty cell of a small sample does not decide
 * everything.
 */
export const smoothed = (counts: readonly number[]): number[] =>
  shares(counts.map(count => count + 0.5))
