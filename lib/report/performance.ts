import { tidy } from '../market/ratio.ts'
import { blockFor, resampled, spreadOf } from '../maths/resample.ts'
import { sharpeOf, sortinoOf } from '../maths/sharpe.ts'
import { type Mark, markedReturns } from './marked.ts'

/** A change of realised equity: when, and by what share of the cash at the start. */
export interface Change {
  ts: number
  gain: number
}
/** Time during which a position was held. */
export interface Held {
  openedAt: number
  closedAt: number
}
/** A ratio with its 95 % block-bootstrap interval, annualised. */
export interface Ratio {
  value: number
  low: number
  high: number
}

/**
 * How evenly money was made. Ratios are absent under `LEAST_PERIODS` periods, or where nothing
 * varied.
 */
export interface Performance {
  /** Periods that the ratios come from, and the length of one. */
  periods: number
  periodMs: number
  sharpe?: Ratio
  sortino?: Ratio
  /** Share of the time in which anything was held. */
  exposure?: number
  /** What the ratios are of: the account marked to market, or closed trades alone. */
  equity: 'marked' | 'realised'
  /** The ratios of closed trades alone, beside those of the account marked to market. */
  realised?: { sharpe?: Ratio; sortino?: Ratio }
}

const YEAR_MS = 365 * 86_400_000
/** Fewer give no interval worth its name. */
const LEAST_PERIODS = 10
/** More periods than this would be memory for nothing: the length is doubled until it fits. */
const MOST_PERIODS = 100_000

/**
 * Returns per period on the equity at its start, from the first line to the last; a day without a
 * trade earns 0.
 */
export function periodReturns(
  changes: readonly Change[],
  from: number,
  to: number,
  periodMs: number,
): Float64Array {
  const count = Math.max(0, Math.floor(to / periodMs) - Math.floor(from / periodMs) + 1)
  const gains = new Float64Array(count)
  for (const { ts, gain } of changes) {
    const at = Math.floor(ts / periodMs) - Math.floor(from / periodMs)
    if (at >= 0 && at < count) gains[at] = gains[at]! + gain
  }
  let equity = 1
  return gains.map(gain => {
    const before = equity
    equity += gain
    return before > 0 ? gain / before : 0
  })
}

/** What a run is judged by. */
interface Course {
  changes: readonly Change[]
  held: readonly Held[]
  marks: readonly Mark[]
}

/**
 * Returns per period of a run: of the account marked to market where marks are close enough, else
 * of closed trades. The only returns that ratios are made of, wherever they are told.
 */
export function returnsOf(
  { changes, marks }: Omit<Course, 'held'>,
  { from, to, periodMs }: { from: number; to: number; periodMs: number },
): { returns: Float64Array; equity: Performance['equity'] } {
  const marked = markedReturns(marks, from, to, periodMs)
  return marked === undefined
    ? { returns: periodReturns(changes, from, to, periodMs), equity: 'realised' }
    : { returns: marked, equity: 'marked' }
}

/** Length of a period, in ms: as asked, doubled until not too many fit between the times. */
export function fittingPeriod(from: number, to: number, asked: number): number {
  let periodMs = asked
  while ((to - from) / periodMs > MOST_PERIODS) periodMs *= 2
  return periodMs
}

/** What a ratio per period is multiplied by for a year of 365 days. */
export const yearlyOf = (periodMs: number): number => Math.sqrt(YEAR_MS / periodMs)

/** Sharpe, Sortino and exposure of a run between two times of event time. Seeded. */
export function performanceOf(
  course: Course,
  { from, to, periodMs: asked, seed }: { from: number; to: number; periodMs: number; seed: string },
): Performance {
  const periodMs = fittingPeriod(from, to, asked)
  const { returns, equity } = returnsOf(course, { from, to, periodMs })
  const yearly = yearlyOf(periodMs)
  const made: Performance = {
    periods: returns.length,
    periodMs,
    equity,
    ...ratiosOf(returns, yearly, seed),
  }
  if (equity === 'marked')
    made.realised = ratiosOf(periodReturns(course.changes, from, to, periodMs), yearly, seed)
  if (to > from) made.exposure = tidy(coverOf(course.held) / (to - from))
  return made
}

function ratiosOf(
  returns: Float64Array,
  yearly: number,
  seed: string,
): Pick<Performance, 'sharpe' | 'sortino'> {
  const sharpe = ratioOf(returns, sharpeOf, yearly, `${seed}/sharpe`)
  const sortino = ratioOf(returns, sortinoOf, yearly, `${seed}/sortino`)
  return { ...(sharpe && { sharpe }), ...(sortino && { sortino }) }
}

type Statistic = (returns: Float64Array) => number | undefined

function ratioOf(
  returns: Float64Array,
  statistic: Statistic,
  yearly: number,
  seed: string,
): Ratio | undefined {
  const value = returns.length < LEAST_PERIODS ? undefined : statistic(returns)
  if (value === undefined) return undefined
  const values: number[] = []
  for (const drawn of resampled(returns, { runs: 1000, block: blockFor(returns.length), seed })) {
    const found = statistic(drawn)
    if (found !== undefined) values.push(found * yearly)
  }
  const spread = values.length < 500 ? undefined : spreadOf(values)
  return spread && { value: tidy(value * yearly), low: tidy(spread.low), high: tidy(spread.high) }
}

/** Length of the union of times. */
function coverOf(held: readonly Held[]): number {
  let [sum, end] = [0, Number.NEGATIVE_INFINITY]
  for (const { openedAt, closedAt } of [...held].sort((a, b) => a.openedAt - b.openedAt)) {
    sum += Math.max(0, closedAt - Math.max(openedAt, end))
    end = Math.max(end, closedAt)
  }
  return sum
}
