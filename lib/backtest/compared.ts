import { share, tidy } from '../market/ratio.ts'
import { type PairedFigure, pairedInterval } from '../maths/paired.ts'
import { blockFor, type Spread, spreadOf } from '../maths/resample.ts'
import { sharpeOf } from '../maths/sharpe.ts'
import type { Judging } from '../report/judging-flags.ts'
import { fittingPeriod, type Performance, returnsOf, yearlyOf } from '../report/performance.ts'
import type { Entries } from './entries.ts'
import type { FoldResult } from './folded.ts'

/** A figure with its 95 % interval; without one where there are too few periods for it. */
export interface Estimate {
  value: number
  low?: number
  high?: number
}

/** What one run made more than another over the same periods, by the same luck. */
export interface Difference {
  periods: number
  /** Periods in which they did not return the same. */
  differing: number
  periodMs: number
  equity: Performance['equity']
  pnlLamports: bigint
  /** Equity at the end over the cash at the start. */
  final?: Estimate
  /** Mean return per period: the verdict is by its interval. */
  mean?: Estimate
  /** Sharpe ratio, a year. */
  sharpe?: Estimate
  /** Length of the blocks of periods that were drawn, and runs. */
  block?: number
  runs?: number
  verdict: 'better' | 'worse' | 'not-proven' | 'same' | 'unknown'
}

/** Differing periods under which an interval would be of a few lucky ones. */
export const LEAST_DIFFERING = 10

/**
 * The first run less the second: returns per period of the whole recording, and what is left of the
 * difference when the periods are drawn again in blocks, the same for both.
 */
export function differenceOf(
  one: FoldResult,
  other: FoldResult,
  { from, to }: Entries['span'],
  { period, seed, resample: runs }: Judging,
): Difference {
  const pnlLamports = one.value.pnlLamports - other.value.pnlLamports
  if (!(to >= from)) return nothing(period, pnlLamports)
  const periodMs = fittingPeriod(from, to, period)
  const { rows, equity } = bothReturns(one, other, { from, to, periodMs })
  const differing = rows[0].filter((value, i) => value !== rows[1][i]).length
  const block = blockFor(rows[0].length)
  const estimate = (name: string, figure: PairedFigure): Estimate | undefined =>
    estimateOf(rows, figure, differing >= LEAST_DIFFERING, { runs, block, seed: `${seed}/${name}` })
  const final = estimate('final', (a, b) => grown(a) - grown(b))
  const mean = estimate('mean', (a, b) => meanOf(a) - meanOf(b))
  const yearly = yearlyOf(periodMs)
  const sharpe = estimate('sharpe', (a, b) => {
    const [x, y] = [sharpeOf(a), sharpeOf(b)]
    return x === undefined || y === undefined ? undefined : (x - y) * yearly
  })
  return {
    periods: rows[0].length,
    differing,
    periodMs,
    equity,
    pnlLamports,
    ...(final && { final }),
    ...(mean && { mean }),
    // A ratio of a few periods is any number.
    ...(sharpe?.low !== undefined && { sharpe }),
    ...(mean?.low !== undefined && { block, runs }),
    verdict: differing === 0 && isSame(one, other) ? 'same' : verdictOf(mean),
  }
}

/** Without marks what is open is in no return. */
const isSame = ({ value: one }: FoldResult, { value: other }: FoldResult): boolean =>
  (['trades', 'open', 'pnlLamports', 'unrealizedLamports'] as const).every(
    key => one[key] === other[key],
  )

const nothing = (periodMs: number, pnlLamports: bigint): Difference => ({
  periods: 0,
  differing: 0,
  periodMs,
  equity: 'realised',
  pnlLamports,
  verdict: 'unknown',
})

/** Of both the same kind: where the marks of one stand too far apart, closed trades alone. */
function bothReturns(
  one: FoldResult,
  other: FoldResult,
  span: { from: number; to: number; periodMs: number },
): { rows: readonly [Float64Array, Float64Array]; equity: Performance['equity'] } {
  const isCoarse = (run: FoldResult): boolean =>
    run.marks.length > 0 && returnsOf(run, span).equity === 'realised'
  const isRealised = isCoarse(one) || isCoarse(other)
  const made = (run: FoldResult) => returnsOf(isRealised ? { ...run, marks: [] } : run, span)
  const [a, b] = [made(one), made(other)]
  const equity = a.equity === 'marked' || b.equity === 'marked' ? 'marked' : 'realised'
  return { rows: [a.returns, b.returns], equity }
}

function estimateOf(
  [one, other]: readonly [Float64Array, Float64Array],
  figure: PairedFigure,
  hasInterval: boolean,
  how: { runs: number; block: number; seed: string },
): Estimate | undefined {
  const value = figure(one, other)
  if (value === undefined) return undefined
  const interval = hasInterval ? pairedInterval(one, other, figure, how) : undefined
  return {
    value: tidy(value),
    ...(interval && { low: tidy(interval[0]), high: tidy(interval[1]) }),
  }
}

const grown = (returns: Float64Array): number => returns.reduce((equity, r) => equity * (1 + r), 1)
const meanOf = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length

function verdictOf(mean: Estimate | undefined): Difference['verdict'] {
  if (mean?.low === undefined || mean.high === undefined) return 'unknown'
  return mean.low > 0 ? 'better' : mean.high < 0 ? 'worse' : 'not-proven'
}

/** A run beside as many entries at random. Equity at the end over the cash at the start. */
export interface AgainstRandom {
  entries: number
  candidates: number
  draws: number
  own: number
  final: Spread
  /** What an entry added to the cash at the start, on average: of the run, and of the draws. */
  ownPerEntry: number
  perEntry: Spread
  /** Share of draws whose entries added less each. */
  beaten: number
  /** How often chance alone adds as much: (draws with as much + 1) / (draws + 1). */
  p: number
  /** Draws in which the account refused so many that not all entries found a place. */
  short: number
  /** Entries of the draw that has fewest. */
  fewest: number
}

/** Why nothing was drawn. */
export const whyNoDraws = ({ candidates, placed }: Entries): string | undefined =>
  placed.length === 0
    ? 'nothing was bought'
    : candidates <= placed.length
      ? 'each line that could have been bought was'
      : undefined

/** Holds a run against draws; each with the number of entries that found a place. */
export function againstRandom(
  run: FoldResult,
  { candidates, placed }: Entries,
  draws: readonly { result: FoldResult; placed: number }[],
  cash: bigint,
): AgainstRandom {
  const ends = draws.map(({ result }) => endOf(result, cash))
  const each = draws.map((draw, i) => addedBy(ends[i]!, draw.placed))
  const own = endOf(run, cash)
  const ownPerEntry = addedBy(own, placed.length)
  return {
    entries: placed.length,
    candidates,
    draws: draws.length,
    own,
    final: spreadOf(ends)!,
    ownPerEntry,
    perEntry: spreadOf(each)!,
    beaten: tidy(each.filter(one => one < ownPerEntry).length / each.length),
    p: tidy((each.filter(one => one >= ownPerEntry).length + 1) / (each.length + 1)),
    short: draws.filter(draw => draw.placed < placed.length).length,
    fewest: Math.min(...draws.map(draw => draw.placed)),
  }
}

/** Gain per entry, since a draw may have fewer; 0 without one. */
const addedBy = (end: number, entries: number): number =>
  entries === 0 ? 0 : tidy((end - 1) / entries)

/**
 * Worth at the end: by the last mark; without marks what was realised, and open positions at what
 * their last line tells.
 */
function endOf({ marks, changes, value }: FoldResult, cash: bigint): number {
  const marked = marks.at(-1)?.worth
  const gains = changes.reduce((sum, { gain }) => sum + gain, 0)
  return tidy(marked ?? 1 + gains + share(value.unrealizedLamports, cash))
}
