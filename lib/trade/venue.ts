import type { BarCosts } from '../market/candle-fill.ts'
import type { Candle } from '../records/candle.ts'
import type { Order } from '../records/order.ts'
import type { Rec } from '../records/record.ts'
import type { Seen } from './view.ts'

/** An order that the ledger holds and a venue may act on. Amounts in base units. */
export interface Placed {
  intent: string
  /** The same intent may be tried again once the chain has proved that the try before is dead. */
  attempt: number
  mint: string
  pool: string | undefined
  side: 'buy' | 'sell'
  inAmount: bigint
  minOut: bigint
  slippageBps: number
  priorityFee: bigint
  decidedAt: number
  /** Bytes that an earlier run signed: they, and only they, may still be sent. */
  signed?: SignedSwap | undefined
  /** An earlier run could not tell what became of them. */
  wasUnknown?: boolean
}

/** Signed bytes with what is needed to follow them to their end. */
export interface SignedSwap {
  /** Id of the transaction on the chain. */
  signature: string
  /** The bytes, base64. */
  tx: string
  /** Last block height at which they may land. */
  lastValid: number
  /** By which the exchange knows them. */
  requestId?: string
}

/** What an order would get now. */
export interface Quote {
  out: bigint
  /** What cash is counted in: `sol`, or the currency of the candles. */
  currency: string
  baseDecimals: number
}

/** What an order would cost beside its input, at most: reserved while it is in flight. */
export interface Costs {
  fee: bigint
  priorityFee: bigint
  tip?: bigint
  rent: bigint
}

export interface Landed {
  intent: string
  state: 'landed'
  inAmount: bigint
  outAmount: bigint
  currency: string
  /** Undefined where no tokens were moved. */
  baseDecimals: number | undefined
  /** What the price alone would have brought, where costs are kept beside it. */
  gross?: bigint
  /** Over candles: costs taken from cash. */
  costs?: BarCosts & { askedBps: number }
  price: number | undefined
  poolFee: bigint | undefined
  fee: bigint
  priorityFee: bigint
  tip?: bigint
  rent: bigint
  /** Deposit that came back with the sale; absent = all of it with the last token. */
  rentBack?: bigint
  impact: number | undefined
  slots: number | undefined
  /** Slot that it is in, on a chain. */
  slot?: number
  /** Name of the chain’s profile. */
  chain: string | undefined
}
export interface Failed {
  intent: string
  state: 'reverted' | 'expired' | 'unknown'
  reason: string
  /** Fees paid although nothing was swapped. */
  fee: bigint
}
/** How far an order has come. What it says is in the ledger before the venue goes on. */
export interface Moved {
  intent: string
  state: 'quoted' | 'signed' | 'sent'
  change: Partial<Order>
  signed?: SignedSwap
}
export type Outcome = Landed | Failed | Moved

/**
 * Where orders are filled. The deciding half knows nothing else of it, so paper and live share
 * every line of code up to here. A venue never acts on an order that the ledger does not hold:
 * `place` only queues, and a venue that talks to a network starts talking in `flush`, which is
 * called after the ledger was synced.
 */
export interface Venue {
  name: string
  quote(
    seen: Seen,
    side: 'buy' | 'sell',
    amount: bigint,
    pool: string | undefined,
  ): Quote | undefined
  costs(seen: Seen, side: 'buy' | 'sell', currency: string): Costs
  place(order: Placed): void
  /** Orders whose outcome is known now that this line has been seen. `now` = newest event time. */
  settle(rec: Rec, seenOf: (mint: string) => Seen | undefined, now: number): Outcome[]
  /**
   * Outcome of an order whose exit went off inside a bar, at that price; absent where orders go to
   * a market that does not wait for bars.
   */
  settleInBar?(
    intent: string,
    at: { bar: Candle; price: number },
    seen: Seen,
    now: number,
  ): Outcome | undefined
  /** Orders without an outcome. */
  pending(): number
  flush?(): Promise<void>
  /** Event time is `now` again: orders of later times are as of now. */
  setBack?(now: number): void
}
