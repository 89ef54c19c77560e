import { DataError } from '../../base/errors.ts'

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
/** But for daily closes of a market that has weekends and holidays. */
const DAY_MS = 86_400_000
const CLOSED_DAYS = 7

/** What a column holds: closing prices, or the returns themselves. */
type Quantity = 'closes' | 'returns'

/**
 * ln(close / last close) per symbol, without those over missing bars or two closes of one time (the
 * first counts); returns are taken as they are. @throws DataError naming the row of a close that is
 * not above 0, or of a return that is no number.
 */
export function returnSeries(
  values: Float64Array,
  time: Float64Array,
  symbols: readonly string[] | undefined,
  quantity: Quantity = 'closes',
): ReturnSeries[] {
  mustBe(values, quantity)
  const rows = new Map<string, number[]>()
  for (const row of values.keys()) {
    const name = symbols?.[row] ?? ''
    const list = rows.get(name)
    if (list === undefined) rows.set(name, [row])
    else list.push(row)
  }
  return [...rows].map(([name, list]) => {
    list.sort((a, b) => time[a]! - time[b]! || a - b)
    const unique = list.filter((row, k) => k === 0 || time[row] !== time[list[k - 1]!])
    return quantity === 'closes'
      ? seriesOf(name, unique, values, time)
      : givenSeries(name, unique, values, time)
  })
}

function mustBe(values: Float64Array, quantity: Quantity): void {
  const isOdd = (x: number): boolean => !Number.isFinite(x) || (quantity === 'closes' && x <= 0)
  const odd = values.findIndex(isOdd)
  if (odd < 0) return
  const expected =
    quantity === 'closes' ? 'a price above 0 (--returns reads a column of returns)' : 'a number'
  throw new DataError(`row ${odd + 1} is ${values[odd]}, expected ${expected}`, { field: quantity })
}

const givenSeries = (
  name: string,
  rows: readonly number[],
  values: Float64Array,
  time: Float64Array,
): ReturnSeries => ({
  name,
  at: Float64Array.from(rows, row => time[row]!),
  returns: Float64Array.from(rows, row => values[row]!),
  gaps: 0,
})

function seriesOf(
  name: string,
  rows: readonly number[],
  closes: Float64Array,
  time: Float64Array,
): ReturnSeries {
  const steps = rows.slice(1).map((row, k) => time[row]! - time[rows[k]!]!)
  const usual = mostFrequent(steps)
  const longest = usual === DAY_MS ? CLOSED_DAYS * DAY_MS : GAP * usual
  const kept = [...steps.keys()].filter(k => steps[k]! <= longest)
  const returnAt = (k: number): number => Math.log(closes[rows[k + 1]!]! / closes[rows[k]!]!)
  return {
    name,
    at: Float64Array.from(kept, k => time[rows[k + 1]!]!),
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
