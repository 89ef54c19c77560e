import { WSOL } from '../../market/reserves.ts'
import { besideOf, currencyNamed, type Fill } from '../../records/fill.ts'
import type { Order } from '../../records/order.ts'
import type { Position } from '../../records/position.ts'
import type { Rec } from '../../records/record.ts'
import { type Holding, makeBook, profitOf } from './book.ts'
import { makeIntents } from './intents.ts'
import { makeRisk } from './loss-limits.ts'

/** Fees and rent that an order in flight may still cost. */
type CostsOf = (order: Order) => bigint

/** `sol` for wrapped SOL, else the name of the currency that stands in its place. */
export const currencyOf = (mint: string): string => (mint === WSOL ? 'sol' : currencyNamed(mint))
/** What stands in an order as the mint of the cash side. */
export const mintOf = (currency: string): string => (currency === 'sol' ? WSOL : currency)

interface State {
  book: ReturnType<typeof makeBook>
  intents: ReturnType<typeof makeIntents>
  risk: ReturnType<typeof makeRisk>
  /** Intents whose fill was taken. */
  landedFills: Set<string>
  currency: string | undefined
  costsOf: CostsOf
}

/**
 * Everything that execute knows of its own trading, folded from the lines that it writes: the same
 * `apply` takes a line that was just made and a line of the ledger, so a restart stands exactly
 * where the last run stood. Lines taken before change nothing.
 */
export function makeAccount(start: bigint, costsOf: CostsOf) {
  const state: State = {
    book: makeBook(start),
    intents: makeIntents(),
    risk: makeRisk(start),
    landedFills: new Set(),
    currency: undefined,
    costsOf,
  }
  const { book, intents, risk, landedFills } = state
  let [now, changes, slot] = [0, 0, 0]
  const signed = new Set<string>()
  /** Time is `to` again: nothing can have happened later, and what is counted from then goes on. */
  const setBack = (to: number): void => {
    risk.setBack(to)
    for (const holding of book.holdings()) holding.openedAt = Math.min(holding.openedAt, to)
  }
  return {
    book,
    intents,
    risk,
    currency: () => state.currency,
    isFilled: (intent: string): boolean => landedFills.has(intent),
    /** Time of the last line. */
    now: () => now,
    /** Orders and fills taken so far: who looks twice sees whether anything moved meanwhile. */
    changes: () => changes,
    /** An order was signed with this signature, however long ago. */
    hasSigned: (signature: string): boolean => signed.has(signature),
    /** Newest slot that holds a swap of ours; 0 where none is known. */
    slot: () => slot,
    setBack,
    apply(rec: Rec): void {
      // What the chain is like is no trade: lines from before it are still to be traded on.
      if (rec.chain !== undefined) return
      // Nor is a mark, whose time is the end of a period and not that of a line.
      if (rec.equity !== undefined) return
      now = rec.ts
      if (rec.position === undefined) changes++
      if (rec.order?.signature !== undefined) signed.add(rec.order.signature)
      if (rec.fill !== undefined) slot = Math.max(slot, rec.slot ?? 0)
      if (rec.order !== undefined) applyOrder(state, rec, rec.order)
      else if (rec.fill !== undefined) applyFill(state, rec, rec.fill)
      else if (rec.position !== undefined) applyPosition(state, rec, rec.position)
    },
    forget(before: number): void {
      intents.forget(before)
      for (const intent of landedFills)
        if (intents.get(intent) === undefined) landedFills.delete(intent)
    },
  }
}
export type Account = ReturnType<typeof makeAccount>

function applyOrder(state: State, rec: Rec, order: Order): void {
  const { book, intents, risk, costsOf } = state
  if (!intents.apply(rec, order, reservedFor(order, costsOf))) return
  if (order.side === 'buy' && order.inMint !== undefined)
    state.currency ??= currencyOf(order.inMint)
  const holding = order.position === undefined ? undefined : book.holding(order.position)
  if (holding !== undefined && order.side === 'sell') takeSell(holding, order)
  if (order.state !== 'reverted' || order.feeLamports === undefined) return
  book.pay(BigInt(order.feeLamports), order.position)
  if (holding === undefined) risk.waste(rec.ts, BigInt(order.feeLamports))
}

function applyFill({ book, risk, landedFills }: State, rec: Rec, fill: Fill): void {
  if (landedFills.has(fill.intent)) return
  landedFills.add(fill.intent)
  const { mint = '', pool, ts } = rec
  const position = fill.position ?? fill.intent
  if (fill.side === 'buy') {
    book.buy(fill, { mint, pool, ts, position })
    risk.spend(ts, BigInt(fill.inAmount) + besideOf(fill))
    return
  }
  const holding = book.holding(position)
  // Deposits of accounts whose position is long closed.
  if (holding === undefined) {
    if (fill.rentReturnedLamports !== undefined) book.reclaim(fill)
    return
  }
  book.sell(holding, fill)
  if (holding.amount === 0n) risk.close(ts, profitOf(holding))
}

function applyPosition({ book }: State, rec: Rec, position: Position): void {
  const known = book.holding(position.id)
  if (known === undefined && position.status !== 'orphan') return
  const { mint = '', pool, ts } = rec
  const amount = BigInt(position.amount)
  const holding = known ?? book.adopt({ mint, pool, ts, position: position.id }, amount)
  if (amount !== holding.amount) book.correct(holding, amount)
  holding.lines = Math.max(holding.lines, Number(rec.id.slice(rec.id.lastIndexOf('#') + 1)) || 0)
  if (position.status !== 'closed') holding.status = position.status
  if (position.entry !== undefined) holding.entry = position.entry
  if (position.peak !== undefined && position.peak > holding.peak) holding.peak = position.peak
  holding.savedPeak = holding.peak
}

/** A sell in flight locks the position; one that landed counts the steps of the ladder. */
function takeSell(holding: Holding, order: Order): void {
  const isDone = order.state === 'landed'
  const isDead = order.state === 'reverted' || order.state === 'expired'
  holding.selling = isDone || isDead ? undefined : order.intent
  const number = Number(order.intent.slice(order.intent.lastIndexOf(':') + 1)) || 0
  holding.sells = Math.max(holding.sells, number)
  if (isDone && order.rungs !== undefined) holding.rungs = order.rungs
}

const reservedFor = (order: Order, costsOf: CostsOf): bigint =>
  costsOf(order) + (order.side === 'buy' ? BigInt(order.inAmount ?? '0') : 0n)
