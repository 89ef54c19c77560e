import type { Candle } from '../records/candle.ts'
import type { Holding } from './account/book.ts'
import { type ExitSignal, exitOf } from './exits.ts'
import type { TradePlan } from './trade-plan.ts'

/** An exit while a bar was traded, and the price at which it went off. */
export interface BarExit extends ExitSignal {
  price: number
}

type Levels = Pick<Candle, 'open' | 'high' | 'low'>

/**
 * What of a plan the path of a bar sets off first, of a holding bought at `entry`. A bar does not
 * tell whether its high or its low came first, so the worst is taken: stops before targets, and a
 * stop that trails stands where the best price before the bar put it. A bar that opens beyond a
 * level goes off at its open. `now` is the end of the bar.
 */
export function exitInBar(
  h: Holding,
  { open, high, low }: Levels,
  entry: number,
  now: number,
  plan: TradePlan,
): BarExit | undefined {
  return stopIn(h, { open, low }, entry, plan) ?? targetIn(h, { open, high }, entry, now, plan)
}

function stopIn(
  h: Holding,
  { open, low }: Pick<Levels, 'open' | 'low'>,
  entry: number,
  plan: TradePlan,
): BarExit | undefined {
  const fixed = entry * (1 - plan.stopLoss)
  const trails = h.peak >= plan.trailingFrom
  const trailing = trails ? entry * (1 + h.peak) * (1 - plan.trailingStop) : 0
  // A falling price meets the higher of the two first.
  const level = Math.max(fixed, trailing)
  if (!(low <= level)) return undefined
  const price = Math.min(open, level)
  const exit = trailing > fixed && price > fixed ? 'trailing-stop' : 'stop-loss'
  return { exit, amount: h.amount, rungs: h.rungs, price }
}

function targetIn(
  h: Holding,
  { open, high }: Pick<Levels, 'open' | 'high'>,
  entry: number,
  now: number,
  plan: TradePlan,
): BarExit | undefined {
  const next = plan.takeProfit[h.rungs]
  if (next === undefined) return undefined
  const target = entry * (1 + next.at)
  if (!(high >= target)) return undefined
  const price = Math.max(open, target)
  // Where the open is above several steps, all of them are sold there.
  const signal = exitOf(h, Math.max(next.at, price / entry - 1), now, plan)
  return signal?.exit === 'take-profit' ? { ...signal, price } : undefined
}
