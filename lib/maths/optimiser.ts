/** A function to minimise and its gradient, both at once since they share the recursion. */
type Objective = (at: readonly number[]) => { value: number; gradient: number[] }

interface Minimum {
  at: number[]
  value: number
  iterations: number
  /** The gradient fell below the tolerance, or no step lowers the value any more. */
  converged: boolean
}

/**
 * BFGS with a backtracking (Armijo) line search on the inverse Hessian (Nocedal & Wright, Numerical
 * Optimization, alg. 6.1). Values that are not finite count as too high, so an objective may answer
 * Infinity outside its domain.
 */
export function minimise(
  objective: Objective,
  start: readonly number[],
  limits = { iterations: 500, tolerance: 1e-9 },
): Minimum {
  let at = [...start]
  let { value, gradient } = objective(at)
  let inverse = identity(at.length)
  for (let i = 0; i < limits.iterations; i++) {
    if (largest(gradient) < limits.tolerance) return { at, value, iterations: i, converged: true }
    const next = search(objective, at, value, gradient, inverse)
    if (next === undefined) {
      // A stale curvature estimate can point nowhere; steepest descent decides whether this is the
      // floor.
      const fresh = search(objective, at, value, gradient, identity(at.length))
      if (fresh === undefined)
        return {
          at,
          value,
          iterations: i,
          converged: largest(gradient) < Math.sqrt(limits.tolerance),
        }
      inverse = identity(at.length)
      ;({ at, value, gradient } = fresh)
      continue
    }
    inverse = updateInverse(inverse, minus(next.at, at), minus(next.gradient, gradient))
    ;({ at, value, gradient } = next)
  }
  return { at, value, iterations: limits.iterations, converged: false }
}

type Point = { at: number[]; value: number; gradient: number[] }

/**
 * Halves the step until the value falls by a fraction of what the slope promises; undefined when no
 * step does.
 */
function search(
  objective: Objective,
  at: number[],
  value: number,
  gradient: number[],
  inverse: number[][],
): Point | undefined {
  const direction = inverse.map(row => -dot(row, gradient))
  const slope = dot(direction, gradient)
  if (!(slope < 0)) return undefined
  // Without curvature yet the first step is kept to unit length.
  let step = Math.min(1, 4 / Math.sqrt(dot(direction, direction)))
  for (let i = 0; i < 60; i++, step /= 2) {
    const to = at.map((x, k) => x + step * direction[k]!)
    const found = objective(to)
    if (found.value < value && found.value <= value + 1e-4 * step * slope)
      return { at: to, ...found }
  }
  return undefined
}

/** H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ, skipped when the curvature sᵀy is not positive. */
function updateInverse(inverse: number[][], s: number[], y: number[]): number[][] {
  const curvature = dot(s, y)
  if (!(curvature > 1e-14 * Math.sqrt(dot(s, s) * dot(y, y)))) return inverse
  const hy = inverse.map(row => dot(row, y))
  const scale = (1 + dot(y, hy) / curvature) / curvature
  return inverse.map((row, i) =>
    row.map((h, j) => h + scale * s[i]! * s[j]! - (hy[i]! * s[j]! + s[i]! * hy[j]!) / curvature),
  )
}

/** Inverse of a small square matrix by Gauss–Jordan with pivoting; undefined when singular. */
export function invert(matrix: readonly (readonly number[])[]): number[][] | undefined {
  const n = matrix.length
  const rows = matrix.map((row, i) => [...row, ...identity(n)[i]!])
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k + 1; i < n; i++)
      if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i
    ;[rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!]
    const lead = rows[k]![k]!
    if (!(Math.abs(lead) > 0) || !Number.isFinite(lead)) return undefined
    rows[k] = rows[k]!.map(x => x / lead)
    for (let i = 0; i < n; i++)
      if (i !== k) rows[i] = rows[i]!.map((x, j) => x - rows[i]![k]! * rows[k]![j]!)
  }
  return rows.map(row => row.slice(n))
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * b[i]!, 0)
const minus = (a: readonly number[], b: readonly number[]): number[] => a.map((x, i) => x - b[i]!)
const largest = (a: readonly number[]): number =>
  a.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
const identity = (n: number): number[][] =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)))
