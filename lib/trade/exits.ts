import { scale } from '../market/ratio.ts'
import type { Exit, Holding } from './account/book.ts'
import type { TradePlan } from './trade-plan.ts'

/** What to sell and why. */
export interface ExitSignal {
  exit: Exit
  amount: bigint
  /** Steps of the ladder that are done when it lands. */
  rungs: number
}

/**
 * A rest smaller than this share of what was bought is sold with the rest: it would cost more than
 * it brings.
 */
const DUST = 0.01

/**
 * What the plan says of a holding whose return is now `gain` (price over entry price − 1), after
 * `peak` as its best. Losses come first; the ladder sells all steps that the price has passed at
 * once.
 */
export function exitOf(
  holding: Holding,
  gain: number,
  now: number,
  plan: TradePlan,
): ExitSignal | undefined {
  const all = (exit: Exit): ExitSignal => ({ exit, amount: holding.amount, rungs: holding.rungs })
  if (gain <= -plan.stopLoss) return all('stop-loss')
  const fall = 1 - (1 + gain) / (1 + holding.peak)
  if (holding.peak >= plan.trailingFrom && fall >= plan.trailingStop) return all('trailing-stop')
  return (
    ladder(holding, gain, plan) ??
    (now - holding.openedAt >= plan.timeStop ? all('time-stop') : undefined)
  )
}

function ladder(holding: Holding, gain: number, { takeProfit }: TradePlan): ExitSignal | undefined {
  let rungs = holding.rungs
  let share = 0
  while (rungs < takeProfit.length && gain >= (takeProfit[rungs]?.at ?? Number.POSITIVE_INFINITY))
    share += takeProfit[rungs++]?.share ?? 0
  if (rungs === holding.rungs) return undefined
  return { exit: 'take-profit', amount: partOf(holding, share), rungs }
}

function partOf({ amount, bought }: Holding, share: number): bigint {
  const wanted = scale(bought, Math.min(1, share))
  return wanted >= amount || amount - wanted <= scale(bought, DUST) ? amount : wanted
}
