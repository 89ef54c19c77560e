/**
 * P[χ² with `df` degrees of freedom > x]: the upper incomplete gamma function Q(df/2, x/2) by its
 * series below df/2 + 1 and its continued fraction (modified Lentz) above (Numerical Recipes §6.2).
 */
export function chiSquareTail(x: number, df: number): number {
  if (!(x > 0)) return 1
  const a = df / 2
  const z = x / 2
  return z < a + 1 ? 1 - lowerSeries(a, z) : upperFraction(a, z)
}

/** The x that χ² exceeds with probability `tail`, by bisection; 0 without degrees of freedom. */
export function chiSquareQuantile(tail: number, df: number): number {
  if (df <= 0) return 0
  let low = 0
  let high = df + 40
  while (chiSquareTail(high, df) > tail) high *= 2
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2
    if (chiSquareTail(middle, df) > tail) low = middle
    else high = middle
  }
  return (low + high) / 2
}

const scale = (a: number, z: number): number => Math.exp(a * Math.log(z) - z - logGammaHalf(a))

function lowerSeries(a: number, z: number): number {
  let term = 1 / a
  let sum = term
  for (let n = 1; n < 1000 && term > 1e-17 * sum; n++) {
    term *= z / (a + n)
    sum += term
  }
  return sum * scale(a, z)
}

function upperFraction(a: number, z: number): number {
  let b = z + 1 - a
  let c = 1e300
  let d = 1 / b
  let h = d
  for (let i = 1; i < 1000; i++) {
    const an = -i * (i - a)
    b += 2
    d = 1 / (an * d + b)
    c = b + an / c
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return h * scale(a, z)
}

/**
 * ln Γ of a positive multiple of ½, exact up to rounding: Γ(½) = √π, Γ(1) = 1, Γ(a + 1) = a·Γ(a).
 */
function logGammaHalf(a: number): number {
  const isWhole = Number.isInteger(a)
  let sum = isWhole ? 0 : 0.5 * Math.log(Math.PI)
  for (let k = isWhole ? 1 : 0.5; k < a; k++) sum += Math.log(k)
  return sum
}
