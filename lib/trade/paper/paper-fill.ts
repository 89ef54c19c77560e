import { fillInBar, UNTOLD_DECIMALS } from '../../market/candle-fill.ts'
import { priceImpact, swapExactIn } from '../../market/constant-product.ts'
import { MAX_AMOUNT, pricePaid } from '../../market/ratio.ts'
import type { Reserves } from '../../market/reserves.ts'
import type { Candle } from '../../records/candle.ts'
import { UNKNOWN_CURRENCY } from '../../records/fill.ts'
import type { ChainProfile } from '../chain-profile.ts'
import type { Costs, Failed, Landed, Outcome, Placed } from '../venue.ts'
import type { Fate, PaperCosts } from './paper-costs.ts'

/** An order with the luck it was dealt. */
export type Waiting = Placed & { fate: Fate }

const CASH_DECIMALS = 9
const FREE: Costs = { fee: 0n, priorityFee: 0n, rent: 0n }

const costsOf = (order: Placed, { networkFee, rent }: PaperCosts): Costs => ({
  fee: networkFee,
  priorityFee: order.priorityFee,
  rent: order.side === 'buy' ? rent : 0n,
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
  const spent = costsOf(order, costs)
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
 * Outcome of an order in the first bar that starts at or after its decision. Fees, rent and
 * failures belong to a chain, so they come with prices in SOL only. A bar that starts long after
 * the decision is no fill: the order is dead.
 */
export function barOutcome(
  order: Waiting,
  bar: Candle,
  decimals: number | undefined,
  now: number,
  costs: PaperCosts,
): Outcome {
  const isSol = bar.currency === 'sol'
  const spent = isSol ? costsOf(order, costs) : FREE
  if (bar.openAt > order.decidedAt + patience(bar, costs))
    return failed(order, 'expired', 'no-candle', spent)
  if (isSol && order.fate.kind === 'expire') return failed(order, 'expired', 'dropped', spent)
  if (isSol && order.fate.kind === 'revert')
    return failed(order, 'reverted', 'failed-on-chain', spent)
  const baseDecimals = decimals ?? UNTOLD_DECIMALS
  const { out } = fillInBar(order.side, bar, order.inAmount, baseDecimals, costs.slippageBps)
  const currency = bar.currency ?? UNKNOWN_CURRENCY
  return settled(
    order,
    out,
    spent,
    { now, chain: costs.chain },
    {
      currency,
      baseDecimals,
      poolFee: undefined,
      impact: undefined,
    },
  )
}

/** How long after its decision an order may still find a bar. */
export const patience = (bar: Candle, { expiry }: PaperCosts): number =>
  Math.max(expiry, 2 * bar.intervalMs)

type How = Pick<Landed, 'currency' | 'baseDecimals' | 'poolFee' | 'impact'>

/** A swap that would give nothing, or less than the least accepted, reverts and costs its fees. */
function settled(
  order: Placed,
  out: bigint,
  spent: Costs,
  { now, chain }: { now: number; chain: ChainProfile },
  how: How,
): Outcome {
  if (out <= 0n || out > MAX_AMOUNT) return failed(order, 'reverted', 'no-liquidity', spent)
  if (out < order.minOut) return failed(order, 'reverted', 'slippage', spent)
  const [cash, tokens] = order.side === 'buy' ? [order.inAmount, out] : [out, order.inAmount]
  return {
    intent: order.intent,
    state: 'landed',
    inAmount: order.inAmount,
    outAmount: out,
    price: pricePaid(cash, tokens, CASH_DECIMALS, how.baseDecimals),
    slots: Math.max(0, Math.round((now - order.decidedAt) / chain.slotMs)),
    // Candles in another currency are traded on an exchange: no chain took part.
    chain: how.currency === 'sol' ? chain.name : undefined,
    ...how,
    ...spent,
  }
}
