import { wilson } from '../maths/confidence-interval.ts'
import { blockFor, luckOf } from '../maths/resample.ts'
import { surerThan } from '../maths/sharpe.ts'
import type { Held } from '../report/performance.ts'
import { performanceOf } from '../report/performance.ts'
import type { CombinationResult } from './branches.ts'
import type { FoldResult } from './folded.ts'
import type { Combination } from './grid.ts'
import type { SweepOptions } from './run-sweep.ts'
import { bestOf, figuresOf, namesOf, scoreOf, skillOf } from './scores.ts'

/**
 * Chooses on each fold and trades the choice on the next, whose lines the choice has not seen: one
 * line per step, then the later folds together. Where no combination traded, none is chosen and the
 * next fold is not traded.
 */
export function walkForward(
  results: readonly CombinationResult[],
  combinations: readonly Combination[],
  options: SweepOptions,
): object[] {
  const { period: periodMs, by } = options
  const folds = results[0]?.folds.length ?? 0
  const lines: object[] = []
  const outside: FoldResult[] = []
  for (let i = 0; i + 1 < folds; i++) {
    const seen = results.map(({ folds: all }) => all[i]!)
    const best = bestOf(seen.map(result => scoreOf(result, by, periodMs)))
    if (best === undefined) {
      lines.push({ of: 'fold', fold: i + 1, isChosen: false })
      continue
    }
    const next = results[best]!.folds[i + 1]!
    outside.push(next)
    const set = namesOf(combinations[best]!)
    const chosenOn = figuresOf(seen[best]!, options)
    lines.push({
      of: 'fold',
      fold: i + 1,
      isChosen: true,
      best,
      set,
      chosenOn,
      outOfSample: figuresOf(next, options),
    })
  }
  return [
    ...lines,
    { of: 'out-of-sample', folds, trials: results.length, by, ...together(outside, options) },
  ]
}

/** The folds that were traded unseen, one after the other. */
function together(
  outside: readonly FoldResult[],
  { period: periodMs, seed, resample: runs, ruin }: SweepOptions,
): object {
  const changes = outside.flatMap(result => result.changes)
  const held: Held[] = outside.flatMap(result => result.held)
  const span = {
    from: Math.min(...outside.map(r => r.span.from)),
    to: Math.max(...outside.map(r => r.span.to)),
  }
  const trades = outside.reduce((sum, { value }) => sum + value.trades, 0)
  const wins = outside.reduce((sum, { value }) => sum + value.wins, 0)
  const pnl = outside.reduce((sum, { value }) => sum + value.pnlLamports, 0n)
  if (trades === 0) return { trades }
  const [low, high] = wilson(wins, trades)
  const skill = skillOf({ changes, marks: [], span }, periodMs)
  const probability = skill === undefined ? Number.NaN : surerThan(0, skill.sharpe, skill)
  const luck = luckOf(
    Float64Array.from(changes, change => change.gain),
    {
      runs,
      block: blockFor(changes.length),
      seed: `${seed}/blocks`,
      ruin,
    },
  )
  return {
    trades,
    wins,
    winRate: { value: wins / trades, low, high },
    pnlLamports: String(pnl),
    unit: outside[0]?.unit,
    ...performanceOf({ changes, held, marks: [] }, { ...span, periodMs, seed }),
    // Nothing was chosen by what these folds show, so luck among the trials is not in this figure.
    ...(Number.isFinite(probability) && { surerThanZero: probability }),
    ...(luck && { resampling: luck }),
  }
}
