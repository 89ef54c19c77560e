import { fillInBar, priceWithin, UNTOLD_DECIMALS } from '../../market/candle-fill.ts'
import { priceImpact, swapExactIn } from '../../market/constant-product.ts'
import { MAX_AMOUNT, pricePaid, share } from '../../market/ratio.ts'
import type { Reserves } from '../../market/reserves.ts'
import type { Candle } from '../../records/candle.ts'
import { UNKNOWN_CURRENCY } from '../../records/fill.ts'
import type { ChainProfile } from '../chain-profile.ts'
import type { Costs, Failed, Landed, Outcome, Placed } from '../venue.ts'
import { depthOf, type Seen } from '../view.ts'
import { type Fate, feesFor, type PaperCosts } from './paper-costs.ts'

/** An order with the luck it was dealt. */
export type Waiting = Placed & {
  fate: Fate
  /** End of the newest bar of its token in which nobody traded. */
  quietTo?: number
}

const CASH_DECIMALS = 9
const BPS = 10_000

/** Fees of an order; its priority fee was settled when it was placed. */
const costsOf = (order: Placed, costs: PaperCosts, currency: string): Required<Costs> => ({
  ...feesFor(costs, order.side, currency, undefined),
  priorityFee: order.priorityFee,
})

/** A transaction that brought nothing. One that never landed costs nothing either. */
export const failed = (
  order: Placed,
  state: Failed['state'],
  reason: string,
  { fee, priorityFee }: Costs,
): Failed => ({
  intent: order.intent,
  state,
  reason,
  fee: state === 'reverted' ? fee + priorityFee : 0n,
})

/** Outcome of an order that is due, against the reserves of its pool. */
export function poolOutcome(
  order: Waiting,
  reserves: Reserves,
  now: number,
  costs: PaperCosts,
): Outcome {
  const spent = costsOf(order, costs, 'sol')
  if (order.fate.kind === 'expire') return failed(order, 'expired', 'dropped', spent)
  if (order.fate.kind === 'revert') return failed(order, 'reverted', 'failed-on-chain', spent)
  const [base, quote] = [BigInt(reserves.baseAmount), BigInt(reserves.quoteAmount)]
  const [from, to] = order.side === 'buy' ? [quote, base] : [base, quote]
  const { out, fee } = swapExactIn(from, to, order.inAmount, reserves.feeBps)
  return settled(
    order,
    out,
    spent,
    { now, chain: costs.chain },
    {
      currency: 'sol',
      baseDecimals: reserves.baseDecimals,
      poolFee: fee,
      impact: priceImpact(from, order.inAmount),
    },
  )
}

/**
 * Outcome of an order in a bar with trades, at a price of it: the open of the first that starts at
 * or after its decision, or the level at which the bar set it off. Its costs are cash. Rent and
 * failures belong to a chain, so they come with prices in SOL only. A bar that starts long after
 * the decision is no fill: the order is dead.
 */
export function barOutcome(
  order: Waiting,
  { bar, price: wanted }: { bar: Candle; price: number },
  seen: Seen,
  now: number,
  costs: PaperCosts,
): Outcome {
  const currency = bar.currency ?? UNKNOWN_CURRENCY
  const isSol = currency === 'sol'
  const spent = costsOf(order, costs, currency)
  if (bar.openAt > waitsFrom(order) + patience(bar, costs))
    return failed(order, 'expired', 'no-candle', spent)
  if (isSol && order.fate.kind === 'expire') return failed(order, 'expired', 'dropped', spent)
  if (isSol && order.fate.kind === 'revert')
    return failed(order, 'reverted', 'failed-on-chain', spent)
  const baseDecimals = seen.decimals ?? UNTOLD_DECIMALS
  const { poolFeeBps, slippageBps } = costs
  const rates = { poolFeeBps, slippageBps, depth: depthOf(seen, currency) }
  const price = priceWithin(bar, wanted)
  const { side, inAmount: amount } = order
  const fill = fillInBar({ side, amount, decimals: baseDecimals }, bar, price, rates)
  const fees = spent.fee + spent.priorityFee + spent.tip
  const askedBps = (fill.costs.asked + share(fees, fill.cash)) * BPS
  return settled(
    order,
    fill.out,
    spent,
    { now, chain: costs.chain },
    {
      currency,
      baseDecimals,
      poolFee: undefined,
      impact: undefined,
      inAmount: fill.input,
      gross: fill.gross,
      costs: { ...fill.costs, askedBps },
    },
  )
}

/** From when on an order waits for a bar: its decision, or the end of a pause it was told of. */
export const waitsFrom = ({ decidedAt, quietTo = decidedAt }: Waiting): number =>
  Math.max(decidedAt, quietTo)

/** How long an order may wait for a bar. */
export const patience = (bar: Candle, { expiry }: PaperCosts): number =>
  Math.max(expiry, 2 * bar.intervalMs)

type How = Pick<Landed, 'currency' | 'poolFee' | 'impact' | 'gross' | 'costs'> & {
  baseDecimals: number
  /** What of the order bought tokens, where costs are kept back from it. */
  inAmount?: bigint
}

/**
 * A swap that would give nothing, or less than the least accepted, reverts and costs its fees.
 * Costs that are cash are no matter of the least accepted: that is about the price.
 */
function settled(
  order: Placed,
  out: bigint,
  spent: Required<Costs>,
  { now, chain }: { now: number; chain: ChainProfile },
  how: How,
): Outcome {
  if (out <= 0n || out > MAX_AMOUNT) return failed(order, 'reverted', 'no-liquidity', spent)
  if ((how.gross ?? out) < order.minOut) return failed(order, 'reverted', 'slippage', spent)
  const inAmount = how.inAmount ?? order.inAmount
  const [cash, tokens] = order.side === 'buy' ? [inAmount, out] : [out, order.inAmount]
  const { tip, ...fees } = spent
  return {
    intent: order.intent,
    state: 'landed',
    outAmount: out,
    price: pricePaid(cash, tokens, CASH_DECIMALS, how.baseDecimals),
    slots: Math.max(0, Math.round((now - order.decidedAt) / chain.slotMs)),
    // Candles in another currency are traded on an exchange: no chain took part.
    chain: how.currency === 'sol' ? chain.name : undefined,
    ...how,
    ...fees,
    ...(tip > 0n && { tip }),
    inAmount,
  }
}
