import { DataError } from '../errors.ts'

/** Log returns of one symbol in order of time; `at` is when each became known. */
export interface ReturnSeries {
  name: string
  at: Float64Array
  returns: Float64Array
  /** Returns left out because bars are missing between their two closes. */
  gaps: number
}

/** Farther apart than this many usual steps, two closes are not one bar apart. */
const GAP = 1.5

/**
 * ln(close / last close) per symbol, without those over missing bars or two closes of one time (the first counts).
 * @throws DataError naming the row of a close that is not above 0.
 */
export function returnSeries(
  closes: Float64Array,
  time: Float64Array,
  symbols: readonly string[] | undefined,
): ReturnSeries[] {
  const odd = closes.findIndex(close => !(close > 0 && Number.isFinite(close)))
  if (odd >= 0) throw new DataError(`row ${odd + 1} is ${closes[odd]}, expected a price above 0`, { field: 'close' })
  const rows = new Map<string, number[]>()
  for (const row of closes.keys()) {
    const name = symbols?.[row] ?? ''
    const list = rows.get(name)
    if (list === undefined) rows.set(name, [row])
    else list.push(row)
  }
  return [...rows].map(([name, list]) => {
    list.sort((a, b) => (time[a] as number) - (time[b] as number) || a - b)
    const unique = list.filter((row, k) => k === 0 || time[row] !== time[list[k - 1] as number])
    return seriesOf(name, unique, closes, time)
  })
}

function seriesOf(name: string, rows: readonly number[], closes: Float64Array, time: Float64Array): ReturnSeries {
  const steps = rows.slice(1).map((row, k) => (time[row] as number) - (time[rows[k] as number] as number))
  const usual = mostFrequent(steps)
  const kept = [...steps.keys()].filter(k => (steps[k] as number) <= GAP * usual)
  const returnAt = (k: number): number =>
    Math.log((closes[rows[k + 1] as number] as number) / (closes[rows[k] as number] as number))
  return {
    name,
    at: Float64Array.from(kept, k => time[rows[k + 1] as number] as number),
    returns: Float64Array.from(kept, returnAt),
    gaps: steps.length - kept.length,
  }
}

function mostFrequent(steps: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const step of steps) counts.set(step, (counts.get(step) ?? 0) + 1)
  return [...counts].reduce((best, each) => (each[1] > best[1] ? each : best), [
    Number.POSITIVE_INFINITY,
    0,
  ] as const)[0]
}
