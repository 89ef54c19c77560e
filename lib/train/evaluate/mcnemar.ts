import { chiSquare1 } from '../../maths/normal.ts'

/**
 * McNemar's test on the rows where exactly one of two models was right: b the first, c the second.
 * exact = min(1, 2·P[Bin(b+c, ½) ≤ min(b,c)]), midP = exact − P[Bin = min], corrected = χ² with
 * continuity correction.
 */
export function mcnemar(
  b: number,
  c: number,
): { exact: number; midP: number; corrected: number; chi2: number } {
  const n = b + c
  if (n === 0) return { exact: 1, midP: 1, corrected: 1, chi2: 0 }
  const least = Math.min(b, c)
  let log = -n * Math.LN2
  let sum = Math.exp(log)
  for (let k = 1; k <= least; k++) {
    log += Math.log((n - k + 1) / k)
    sum += Math.exp(log)
  }
  const exact = Math.min(1, 2 * sum)
  const chi2 = Math.max(0, Math.abs(b - c) - 1) ** 2 / n
  return { exact, midP: Math.min(1, 2 * sum - Math.exp(log)), corrected: chiSquare1(chi2), chi2 }
}
