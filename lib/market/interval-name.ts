const UNITS: [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
]

/** `300000` → `5m`: the largest unit that divides it, as in the ids of candles. */
export function intervalName(ms: number): string {
  for (const [unit, size] of UNITS) if (ms % size === 0) return `${ms / size}${unit}`
  return `${ms}ms`
}

/** Start of the interval that holds the time. */
export const openOf = (ts: number, intervalMs: number): number =>
  Math.floor(ts / intervalMs) * intervalMs
