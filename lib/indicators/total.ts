/**
 * Adds to a total held in `now[at]` with its rounding error in `now[at + 1]` (Neumaier 1974), so
 * that years of signed volumes do not drift.
 */
export function addExactly(was: Float64Array, now: Float64Array, at: number, x: number): void {
  const sum = was[at]!
  const next = sum + x
  now[at] = next
  now[at + 1] = was[at + 1]! + (Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum)
}
