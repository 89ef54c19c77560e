import { createHash } from 'node:crypto'
import { share, tidy } from '../market/ratio.ts'
import type { Fill } from '../records/fill.ts'
import type { Order } from '../records/order.ts'
import type { Position } from '../records/position.ts'
import type { Rec } from '../records/record.ts'
import { costHeld, type Exit, entryPrice, type Holding, profitOf } from './account/book.ts'
import type { Intent } from './account/intents.ts'
import type { Landed } from './venue.ts'

/** Longest decision id that goes into our own ids as it is. */
const LONG = 200

/** A decision's id as part of our ids: itself, or its beginning and a hash when it is long. */
export function keyOf(id: string): string {
  return id.length <= LONG
    ? id
    : `${id.slice(0, LONG)}~${createHash('sha256').update(id).digest('hex').slice(0, 16)}`
}

interface About {
  ts: number
  mint: string
  pool: string | undefined
}

const envelope = (
  id: string,
  kind: 'order' | 'fill' | 'position',
  { ts, mint, pool }: About,
): Rec => ({
  v: 1,
  id,
  ts,
  kind,
  mint,
  ...(pool !== undefined && { pool }),
  source: 'execute',
})

/** A line of an intent; `number` counts its lines from 1, `refused` for what was never intended. */
export const orderLine = (about: About, number: number | 'refused', order: Order): Rec => ({
  ...envelope(`${order.intent}#${number}`, 'order', about),
  order,
})

/** The next line of an intent: its order with what has changed. */
export const nextLine = (intent: Intent, ts: number, change: Partial<Order>): Rec =>
  orderLine({ ...intent, ts }, intent.lines + 1, { ...intent.order, ...change })

/** What a trade moved. The gap is what was quoted against what came, positive = got less. */
export function fillLine(intent: Intent, ts: number, landed: Landed): Rec {
  const { order } = intent
  const quoted = BigInt(order.quotedAmount ?? '0')
  const isSol = landed.currency === 'sol'
  const fill: Fill = {
    intent: intent.key,
    ...(order.position !== undefined && { position: order.position }),
    side: order.side,
    inAmount: String(landed.inAmount),
    outAmount: String(landed.outAmount),
    ...(landed.baseDecimals !== undefined && { baseDecimals: landed.baseDecimals }),
    ...(!isSol && { currency: landed.currency }),
    ...(isSol && landed.price !== undefined && { priceSol: landed.price }),
    ...(landed.poolFee !== undefined && { poolFeeAmount: String(landed.poolFee) }),
    feeLamports: String(landed.fee),
    priorityFeeLamports: String(landed.priorityFee),
    ...(landed.tip !== undefined && { tipLamports: String(landed.tip) }),
    ...(landed.rent > 0n && { rentLamports: String(landed.rent) }),
    ...(landed.rentBack !== undefined && { rentReturnedLamports: String(landed.rentBack) }),
    ...(landed.impact !== undefined && { impact: landed.impact }),
    ...(quoted > 0n && { gapBps: gapBps(quoted, landed.gross ?? landed.outAmount) }),
    ...(landed.slots !== undefined && { slots: landed.slots }),
    ...(landed.costs !== undefined && { costs: toldCosts(landed.costs) }),
    ...(landed.chain !== undefined && { chain: landed.chain }),
  }
  const { slot } = landed
  const head = envelope(`${intent.key}#fill1`, 'fill', { ...intent, ts })
  return { ...head, ...(slot !== undefined && { slot }), fill }
}

const toldCosts = ({
  pool,
  impact,
  slippage,
  askedBps,
}: NonNullable<Landed['costs']>): NonNullable<Fill['costs']> => ({
  poolLamports: String(pool),
  ...(impact !== undefined && { impactLamports: String(impact) }),
  slippageLamports: String(slippage),
  askedBps: Math.min(1_000_000, tidy(askedBps)),
})

const gapBps = (quoted: bigint, out: bigint): number =>
  Math.max(
    -1_000_000,
    Math.min(1_000_000, Math.round(share(quoted - out, quoted) * 100_000) / 10),
  ) + 0

/** The state of a position. `value` = what the rest would bring now, when that is known. */
export function positionLine(
  h: Holding,
  ts: number,
  {
    mode,
    isSol,
    value,
    exit,
  }: { mode: string; isSol: boolean; value: bigint | undefined; exit: Exit | undefined },
): Rec {
  const isClosed = h.amount === 0n
  const price = isSol ? entryPrice(h) : undefined
  const position: Position = {
    id: h.id,
    status: isClosed ? 'closed' : h.status,
    ...(isClosed && exit !== undefined && { exit }),
    openedAt: h.openedAt,
    ...(isClosed && { closedAt: ts }),
    boughtAmount: String(h.bought),
    amount: String(h.amount),
    ...(price !== undefined && { entryPriceSol: price }),
    costLamports: String(h.cost),
    proceedsLamports: String(h.proceeds),
    feesLamports: String(h.fees),
    rentLamports: String(h.rent),
    ...(isClosed && { pnlLamports: String(profitOf(h)), pnl: tidy(share(profitOf(h), h.cost)) }),
    ...(value !== undefined && { unrealizedLamports: String(value - costHeld(h)) }),
    peak: h.peak,
    ...(h.entry !== undefined && { entry: h.entry }),
    ...(isClosed && { outcome: outcomeOf(h, ts) }),
    mode,
  }
  return {
    ...envelope(`${h.id}#${h.lines + 1}`, 'position', { ts, mint: h.mint, pool: h.pool }),
    position,
  }
}

/** What the prediction should have said, for learning. */
const outcomeOf = (h: Holding, ts: number): NonNullable<Position['outcome']> => ({
  profitable: profitOf(h) > 0n,
  maxProfit: h.peak,
  rug: share(profitOf(h), h.cost) <= -0.8,
  holdTimeMinutes: tidy((ts - h.openedAt) / 60_000),
})
