/** Density of the standard normal distribution. */
export const normalDensity = (z: number): number => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)

/**
 * z with P(Z ≤ z) = p, for 0 < p < 1 (±∞ at the ends). P. J. Acklam’s rational approximation, relative error below 1.2e-9.
 */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p)
  if (!(p > 0)) return p === 0 ? -Infinity : Number.NaN
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p))
    return horner(TAIL, q) / (horner(TAIL_BELOW, q) * q + 1)
  }
  const q = p - 0.5
  const r = q * q
  return (horner(CENTRE, r) * q) / (horner(CENTRE_BELOW, r) * r + 1)
}

const horner = (coefficients: readonly number[], x: number): number => coefficients.reduce((sum, c) => sum * x + c, 0)

const CENTRE = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
]
const CENTRE_BELOW = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1,
]
const TAIL = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
]
const TAIL_BELOW = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416]
