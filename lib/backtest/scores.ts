import { momentsOf, sharpeOf } from '../maths/sharpe.ts'
import type { Judging } from '../report/judging-flags.ts'
import { performanceOf, returnsOf } from '../report/performance.ts'
import type { Side } from '../report/sides.ts'
import type { BacktestFlags } from './backtest-flags.ts'
import type { FoldResult } from './folded.ts'
import type { Combination } from './grid.ts'

/** `{"gate --min-confidence":"0.5"}`: the values of a combination by flag. */
export const namesOf = (combination: Combination): Record<string, string> =>
  Object.fromEntries(combination.map(({ stage, flag, value }) => [`${stage} --${flag}`, value]))

/**
 * How good a result is; −∞ without a trade, so that doing nothing is never the best by having no
 * ratio.
 */
export function scoreOf(result: FoldResult, by: BacktestFlags['by'], periodMs: number): number {
  const { value, changes, span } = result
  if (value.trades === 0) return Number.NEGATIVE_INFINITY
  if (by === 'profit') return changes.reduce((sum, { gain }) => sum + gain, 0)
  if (by === 'win-rate') return value.winRate?.low ?? 0
  return sharpeOf(returnsOf(result, { ...span, periodMs }).returns) ?? Number.NEGATIVE_INFINITY
}

/** Place of the best of some scores, the first of equals; undefined when none has one. */
export function bestOf(scores: readonly number[]): number | undefined {
  const best = scores.reduce((at, score, i) => (score > scores[at]! ? i : at), 0)
  return (scores[best] ?? Number.NEGATIVE_INFINITY) > Number.NEGATIVE_INFINITY ? best : undefined
}

/** The figures of one result, for a line. Amounts as text, ratios a year. */
export function figuresOf(
  result: FoldResult,
  { period: periodMs, seed }: Pick<Judging, 'period' | 'seed'>,
): object {
  const { value, span } = result
  const { trades, wins, winRate, pnlLamports, unrealizedLamports, profitFactor, drawdown, open } =
    value
  const isSeen = span.to >= span.from
  return {
    trades,
    wins,
    ...(winRate && { winRate }),
    pnlLamports: String(pnlLamports),
    ...(profitFactor !== undefined && { profitFactor }),
    drawdown,
    open,
    unrealizedLamports: String(unrealizedLamports),
    ...(value.sides.length > 0 && { sides: value.sides.map(costsOf) }),
    ...(trades + open > 0 && { unit: result.unit }),
    ...(isSeen && { from: span.from, to: span.to }),
    ...(isSeen && performanceOf(result, { ...span, periodMs, seed })),
  }
}

/** What a side cost beside what was asked. */
const costsOf = ({ side, chargedBps, askedBps }: Side): object => ({ side, chargedBps, askedBps })

/** Sharpe ratio per period with what is needed to deflate it; undefined without spread. */
export function skillOf(
  { changes, marks, span }: Pick<FoldResult, 'changes' | 'marks' | 'span'>,
  periodMs: number,
) {
  if (!(span.to >= span.from)) return undefined
  const { returns } = returnsOf({ changes, marks }, { ...span, periodMs })
  const sharpe = sharpeOf(returns)
  const { skew, kurtosis } = momentsOf(returns)
  return sharpe === undefined ? undefined : { sharpe, periods: returns.length, skew, kurtosis }
}
