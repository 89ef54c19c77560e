import type { Order } from '../records/order.ts'
import type { Rec } from '../records/record.ts'
import { mintOf } from './account/account.ts'
import type { Exit, Holding } from './account/book.ts'
import type { Intent } from './account/intents.ts'
import { keyOf } from './trade-lines.ts'
import type { Placed, Quote } from './venue.ts'

const BPS = 10_000n
/** No tolerance is wider than this, however desperate the exit. */
const WIDEST_BPS = 9000

/** Idempotency key of a buy: one decision buys a token once. */
export const buyKey = (mint: string, decision: string): string => `buy:${mint}:${keyOf(decision)}`
/** Position that a decision opens. */
const positionKey = (decision: string): string => `position:${keyOf(decision)}`
/** Idempotency key of the n-th sell of a position. */
const sellKey = (mint: string, position: string, n: number): string =>
  `sell:${mint}:${position}:${n}`

/** Least amount accepted: what was quoted, less the tolerance, floored. */
const minOutOf = (quoted: bigint, slippageBps: number): bigint =>
  (quoted * (BPS - BigInt(Math.min(WIDEST_BPS, Math.max(0, Math.round(slippageBps)))))) / BPS

/** Tolerance of a try: doubles with each, up to the widest. */
export const toleranceOf = (slippageBps: number, attempt: number): number =>
  Math.min(WIDEST_BPS, slippageBps * 2 ** (attempt - 1))

interface Terms {
  venue: string
  quote: Quote | undefined
  slippageBps: number
  priorityFee: bigint
  now: number
}

/** The order that a buy decision asks for. */
export function buyOrder(rec: Rec & { mint: string }, size: bigint, terms: Terms): Order {
  const currency = terms.quote?.currency
  return {
    intent: buyKey(rec.mint, rec.id),
    position: positionKey(rec.id),
    cause: rec.id,
    ...(rec.decision?.arm !== undefined && { arm: rec.decision.arm }),
    venue: terms.venue,
    side: 'buy',
    state: 'planned',
    reasons: [],
    attempt: 1,
    ...(currency !== undefined && { inMint: mintOf(currency) }),
    outMint: rec.mint,
    inAmount: String(size),
    ...priced(terms),
  }
}

/**
 * The order that leaves a position, wholly or in part; `attempt` above 1 tries the same intent
 * again.
 */
export function sellOrder(
  h: Holding,
  why: {
    exit: Exit
    amount: bigint
    rungs: number
    cause: string
    attempt: number
    intent: string | undefined
    inside?: Order['inside']
  },
  terms: Terms & { quote: Quote },
): Order {
  return {
    intent: why.intent ?? sellKey(h.mint, h.id, h.sells + 1),
    position: h.id,
    cause: why.cause,
    ...(h.entry?.arm !== undefined && { arm: h.entry.arm }),
    venue: terms.venue,
    side: 'sell',
    state: 'planned',
    reasons: [],
    attempt: why.attempt,
    inMint: h.mint,
    outMint: mintOf(terms.quote.currency),
    inAmount: String(why.amount),
    ...priced(terms),
    exit: why.exit,
    rungs: why.rungs,
    ...(why.inside !== undefined && { inside: why.inside }),
  }
}

const priced = ({ quote, slippageBps, priorityFee, now }: Terms) => ({
  ...(quote !== undefined && {
    quotedAmount: String(quote.out),
    minOutAmount: String(minOutOf(quote.out, slippageBps)),
  }),
  slippageBps,
  priorityFeeLamports: String(priorityFee),
  decidedAt: now,
})

/** An intent of the ledger as a venue wants it. */
export const placedOf = ({ key, mint, pool, ts, order }: Intent): Placed => ({
  intent: key,
  attempt: order.attempt ?? 1,
  mint,
  pool,
  side: order.side,
  inAmount: BigInt(order.inAmount ?? '0'),
  minOut: BigInt(order.minOutAmount ?? '0'),
  slippageBps: order.slippageBps ?? 0,
  priorityFee: BigInt(order.priorityFeeLamports ?? '0'),
  decidedAt: order.decidedAt ?? ts,
})
