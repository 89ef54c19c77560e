/**
 * Solves A·x = b for a symmetric positive definite A, of which only the lower triangle is read
 * (Cholesky).
 */
export function solve(a: readonly Float64Array[], b: Float64Array): Float64Array {
  const n = b.length
  const l = Array.from({ length: n }, () => new Float64Array(n))
  const at = (m: readonly Float64Array[], i: number, j: number): number => m[i]![j]!
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = at(a, i, j)
      for (let k = 0; k < j; k++) sum -= at(l, i, k) * at(l, j, k)
      if (i === j && !(sum > 0)) throw new Error('matrix is not positive definite')
      l[i]![j] = i === j ? Math.sqrt(sum) : sum / at(l, j, j)
    }
  }
  const x = Float64Array.from(b)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] = x[i]! - at(l, i, k) * x[k]!
    x[i] = x[i]! / at(l, i, i)
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] = x[i]! - at(l, k, i) * x[k]!
    x[i] = x[i]! / at(l, i, i)
  }
  return x
}
