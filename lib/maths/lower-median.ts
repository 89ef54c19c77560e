/** The middle of the finite numbers, of two the lower one; null where there is none. */
export function lowerMedian(values: Iterable<number>): number | null {
  const known = Float64Array.from(values).filter(Number.isFinite).sort()
  return known[(known.length - 1) >> 1] ?? null
}
