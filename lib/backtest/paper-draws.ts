import { percentiles } from '../maths/confidence-interval.ts'
import type { Rec } from '../records/record.ts'
import { isJump } from '../stream/event-time.ts'
import { currencyOf } from '../trade/account/account.ts'
import type { Attempt } from '../trade/paper/attempts.ts'
import type { Landed, Outcome, Placed, Venue } from '../trade/venue.ts'
import { makeView, type Seen } from '../trade/view.ts'

/** So many fates are drawn for each order. */
const DRAWS = 400
/** Share of the draws that an interval holds. */
export const LEVEL = 0.95

/** What a model says of a figure: the interval that holds 95 % of its draws, and the middle one. */
export interface Stated {
  low: number
  middle: number
  high: number
}

/** What the paper model says of one order, before it knows how it ended. */
export interface Odds {
  /** Share of the draws that landed. */
  landing: number
  /** Of the draws that landed; absent when none did. */
  slots?: Stated
  /** Cash beside what was paid and received, in lamports. */
  cost?: Stated
  /** Base units received for one paid. */
  rate?: Stated
}

/** Why the model says nothing of an order. */
export type Silence = 'no-line' | 'not-over'

/** Costs of an outcome beside its price. Rent comes back, so it is none. */
const costOf = ({ fee, priorityFee, tip = 0n, costs }: Landed): number =>
  Number(
    fee +
      priorityFee +
      tip +
      (costs === undefined ? 0n : costs.pool + (costs.impact ?? 0n) + costs.slippage),
  )

/**
 * Lets a paper venue try orders that somebody else placed, each many times with other luck, at the
 * time and in the market in which they were placed. Takes every line of the recording, in order;
 * `value` then tells the odds by attempt, or why there are none.
 */
export function makePaperDraws(attempts: readonly Attempt[], venue: Venue, draws = DRAWS) {
  const waiting = byTime(attempts)
  const open = new Map<string, Open>()
  const odds = new Map<string, Odds | Silence>()
  const held = new Map<string, number>()
  const view = makeView(Number.POSITIVE_INFINITY, mint => (held.get(mint) ?? 0) > 0)
  let now = Number.NEGATIVE_INFINITY
  const hold = (mint: string, by: number): void => void held.set(mint, (held.get(mint) ?? 0) + by)
  const end = (outcome: Outcome): void => {
    const key = outcome.intent.slice(0, outcome.intent.lastIndexOf('/'))
    const one = open.get(key)
    if (one === undefined) return
    one.outcomes.push(outcome)
    if (one.outcomes.length < draws) return
    open.delete(key)
    hold(one.mint, -1)
    odds.set(key, oddsOf(one.outcomes))
  }
  const place = (attempt: Attempt): void => {
    const seen = view.get(attempt.mint ?? '')
    if (seen === undefined) {
      odds.set(attempt.key, 'no-line')
      return
    }
    open.set(attempt.key, { mint: seen.mint, outcomes: [] })
    hold(seen.mint, 1)
    const placed = placedOf(attempt, venue, seen)
    for (let i = 0; i < draws; i++) venue.place({ ...placed, intent: `${attempt.key}/${i}` })
    // It went off inside the bar that was just seen, so its outcome is known with it.
    const { inside } = attempt.order
    if (inside === undefined || seen.candle === undefined) return
    const at = { bar: seen.candle, price: inside.price }
    for (let i = 0; i < draws; i++) {
      const outcome = venue.settleInBar?.(`${attempt.key}/${i}`, at, seen, now)
      if (outcome !== undefined) end(outcome)
    }
  }
  return {
    take(rec: Rec): void {
      if (isJump(rec)) return
      for (const attempt of waiting.before(rec.ts)) place(attempt)
      now = Math.max(now, rec.ts)
      view.learn(rec)
      if (rec.warm === true) return
      for (const outcome of venue.settle(rec, view.get, now)) end(outcome)
      for (const attempt of waiting.causedBy(rec)) place(attempt)
    },
    setBack(ts: number): void {
      now = ts
      view.setBack(ts)
      venue.setBack?.(ts)
    },
    value(): ReadonlyMap<string, Odds | Silence> {
      for (const key of open.keys()) odds.set(key, 'not-over')
      for (const { key } of waiting.left()) odds.set(key, 'not-over')
      return odds
    },
  }
}

interface Open {
  mint: string
  outcomes: Outcome[]
}

/** Orders that were not placed yet: by the line that asked for them, else by time. */
function byTime(attempts: readonly Attempt[]) {
  const sorted = [...attempts].sort((a, b) => timeOf(a) - timeOf(b))
  const causes = new Map<string, Attempt[]>()
  for (const attempt of sorted) {
    const { cause } = attempt.order
    causes.set(cause, [...(causes.get(cause) ?? []), attempt])
  }
  const done = new Set<Attempt>()
  let next = 0
  const taken = (attempt: Attempt): boolean => {
    if (done.has(attempt)) return false
    done.add(attempt)
    return true
  }
  return {
    /** Those decided before this time: of a run with a clock of its own, later than their line. */
    before(ts: number): Attempt[] {
      const from = next
      while (next < sorted.length && timeOf(sorted[next]!) < ts) next++
      return sorted.slice(from, next).filter(taken)
    },
    causedBy: ({ id, ts }: Rec): Attempt[] =>
      (causes.get(id) ?? []).filter(attempt => timeOf(attempt) <= ts).filter(taken),
    left: (): Attempt[] => sorted.filter(attempt => !done.has(attempt)),
  }
}

const timeOf = ({ order, ts }: Attempt): number => order.decidedAt ?? ts

/** The order as the model would place it: its own fees, the amounts and limits of the run. */
function placedOf({ order, mint = '', pool }: Attempt, venue: Venue, seen: Seen): Placed {
  const { side, inMint, outMint, inAmount = '0', minOutAmount = '0', slippageBps = 0 } = order
  const currency = currencyOf((side === 'buy' ? inMint : outMint) ?? '')
  return {
    intent: order.intent,
    attempt: order.attempt ?? 1,
    mint,
    pool,
    side,
    inAmount: BigInt(inAmount),
    minOut: BigInt(minOutAmount),
    slippageBps,
    priorityFee: venue.costs(seen, side, currency).priorityFee,
    decidedAt: order.decidedAt ?? 0,
  }
}

function oddsOf(outcomes: readonly Outcome[]): Odds {
  const landed = outcomes.filter((each): each is Landed => each.state === 'landed')
  const landing = landed.length / outcomes.length
  if (landed.length === 0) return { landing }
  return {
    landing,
    slots: statedOf(landed.map(({ slots = 0 }) => slots)),
    cost: statedOf(landed.map(costOf)),
    rate: statedOf(landed.map(({ inAmount, outAmount }) => Number(outAmount) / Number(inAmount))),
  }
}

function statedOf(values: number[]): Stated {
  const [low, high] = percentiles(values, LEVEL)
  return { low, middle: percentiles(values, 0)[0], high }
}
