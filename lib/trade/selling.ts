import { spotPrice } from '../market/constant-product.ts'
import { pricePaid } from '../market/ratio.ts'
import type { Decision } from '../records/decision.ts'
import { EXITS } from '../records/position.ts'
import type { Rec } from '../records/record.ts'
import { type Exit, entryPrice, type Holding, raisePeak } from './account/book.ts'
import type { Intent } from './account/intents.ts'
import { exitOf } from './exits.ts'
import { sellOrder, toleranceOf } from './place-order.ts'
import { quoteAt } from './quote.ts'
import { orderLine } from './trade-lines.ts'
import type { Trading } from './trade-plan.ts'
import type { Quote } from './venue.ts'
import { reservesFor, type Seen } from './view.ts'
import { placeLine, writePosition } from './writing.ts'

/** A restart may forget this much of the peak: each rise of it by this factor is written. */
const PEAK_STEP = 1.05

/**
 * Looks at a held token after a line of it: exits at the price just told, priced from that price.
 */
export function watch(trading: Trading, h: Holding, rec: Rec, seen: Seen): void {
  if (h.status !== 'open') return
  const regime = rec.features?.pool?.regime
  if (regime !== undefined && trading.plan.exitRegimes.includes(regime)) {
    leave(trading, h, 'rug', rec.id)
    return
  }
  const gain = seen.isPriced ? gainOf(h, seen) : undefined
  if (gain === undefined) return
  raisePeak(h, gain)
  const signal = exitOf(h, gain, trading.now, trading.plan)
  if (signal !== undefined)
    sell(trading, h, { ...signal, cause: rec.id, attempt: 1, intent: undefined })
  else if (1 + h.peak >= PEAK_STEP * (1 + h.savedPeak)) writePosition(trading, h, undefined)
}

/** Takes the peak from a line that is not traded on. */
export function rememberPeak(h: Holding, rec: Rec, seen: Seen): void {
  const gain = seen.isPriced && rec.ts >= h.openedAt ? gainOf(h, seen) : undefined
  if (gain !== undefined) raisePeak(h, gain)
}

/**
 * Return of a holding at the newest price (spot price of its pool, or last close); an absurd price
 * is none.
 */
function gainOf(h: Holding, seen: Seen): number | undefined {
  const entry = entryPrice(h)
  if (seen.told !== undefined)
    return ratio(pricePaid(seen.told.out, seen.told.amount, 9, h.decimals), entry)
  const reserves = reservesFor(seen, h.pool)
  const price =
    reserves === undefined
      ? seen.candle?.close
      : spotPrice(
          BigInt(reserves.baseAmount),
          BigInt(reserves.quoteAmount),
          reserves.baseDecimals,
          9,
        )
  return ratio(price, entry)
}

function ratio(price: number | undefined, entry: number | undefined): number | undefined {
  const gain =
    price === undefined || entry === undefined || !(entry > 0) ? undefined : price / entry - 1
  return gain === undefined || !Number.isFinite(gain) ? undefined : gain
}

/** Acts on what a decision says of a token that is held: a rug in sight, or a sell. */
export function obey(trading: Trading, h: Holding, decision: Decision, cause: string): void {
  if (h.status !== 'open') return
  if ((decision.rugRisk ?? 0) >= trading.plan.rugExit) leave(trading, h, 'rug', cause)
  else if (decision.act === 'sell')
    leave(trading, h, EXITS.find(name => name === decision.exit) ?? 'strategy', cause)
}

/** Sells all of it now, or as soon as the sell in flight has ended. */
export function leave(trading: Trading, h: Holding, exit: Exit, cause: string): void {
  if (h.selling !== undefined) h.wanted = exit
  else
    sell(trading, h, {
      exit,
      amount: h.amount,
      rungs: h.rungs,
      cause,
      attempt: 1,
      intent: undefined,
    })
}

/** Fires the time stops that are due, and returns when the next one is. */
export function stopByTime(trading: Trading, cause: string): number {
  const { now, plan, account } = trading
  let next = Number.POSITIVE_INFINITY
  for (const h of account.book.holdings()) {
    if (h.status !== 'open') continue
    const at = h.openedAt + plan.timeStop
    if (at <= now && h.selling === undefined) leave(trading, h, 'time-stop', cause)
    next = Math.min(next, at <= now ? now + RETRY_MS : at)
  }
  return next
}

/** Pause before a time stop that could not sell is tried again. */
const RETRY_MS = 10_000

type Why = Parameters<typeof sellOrder>[1]

/**
 * Plans a sell, quoted at the newest state. Waits for a price where there is none, and for cash to
 * pay the fee.
 */
export function sell(trading: Trading, h: Holding, why: Why, from?: Intent): void {
  if (h.selling !== undefined) return
  const { plan, venue, view, account } = trading
  const seen = view.get(h.mint)
  const quote = seen && quoteFor(trading, h, seen, why)
  if (seen === undefined || quote === undefined) {
    trading.count('exit-without-price')
    return
  }
  const costs = venue.costs(seen, 'sell', quote.currency)
  const needed = costs.fee + costs.priorityFee + (costs.tip ?? 0n)
  if (account.book.cash() - account.intents.reserved() < needed) {
    trading.count('exit-without-fee')
    return
  }
  const base = why.exit === 'rug' ? plan.rugSlippageBps : plan.sellSlippageBps
  const slippageBps = toleranceOf(base, why.attempt)
  const terms = {
    venue: venue.name,
    quote,
    slippageBps,
    priorityFee: costs.priorityFee,
    now: trading.now,
  }
  const order = sellOrder(h, why, terms)
  const about = { ts: trading.now, mint: h.mint, pool: reservesFor(seen, h.pool)?.pool ?? h.pool }
  placeLine(trading, orderLine(about, from === undefined ? 1 : from.lines + 1, order))
}

/** At the price that set the exit off: inside a bar its level, else the newest state. */
function quoteFor({ venue }: Trading, h: Holding, seen: Seen, why: Why): Quote | undefined {
  const { amount, inside } = why
  return inside === undefined || seen.candle === undefined
    ? venue.quote(seen, 'sell', amount, h.pool)
    : quoteAt(seen, seen.candle, 'sell', amount, inside.price)
}

/**
 * A sell that brought nothing is tried again with a wider tolerance; after the last try the
 * position is an orphan.
 */
export function retry(trading: Trading, h: Holding, intent: Intent): void {
  const { order } = intent
  const attempt = (order.attempt ?? 1) + 1
  if (attempt > trading.plan.maxAttempts) {
    h.status = 'orphan'
    writePosition(trading, h, undefined)
    return
  }
  const exit = h.wanted ?? EXITS.find(name => name === order.exit) ?? 'manual'
  const amount = h.wanted === undefined ? BigInt(order.inAmount ?? '0') : h.amount
  h.wanted = undefined
  sell(
    trading,
    h,
    {
      exit,
      amount,
      rungs: order.rungs ?? h.rungs,
      cause: order.cause,
      attempt,
      intent: intent.key,
    },
    intent,
  )
}
