import { least, pricePaid, tidy } from '../../market/ratio.ts'
import { besideOf, type Fill } from '../../records/fill.ts'
import type { EXITS, Position } from '../../records/position.ts'

/** Why a position is left. */
export type Exit = (typeof EXITS)[number]

/**
 * A position as the book keeps it. Amounts in base units, cash amounts in lamports (or 1e-9 of the
 * currency).
 */
export interface Holding {
  id: string
  mint: string
  pool: string | undefined
  decimals: number
  status: 'open' | 'orphan'
  openedAt: number
  bought: bigint
  amount: bigint
  cost: bigint
  proceeds: bigint
  fees: bigint
  rent: bigint
  /** Best return while held, by observed prices. */
  peak: number
  /** Peak of the last position line: what a restart would know. */
  savedPeak: number
  /** Steps of the take-profit ladder done. */
  rungs: number
  /** Sells tried so far, and position lines written so far. */
  sells: number
  lines: number
  /** Sell in flight, and why to sell the rest once it has ended. */
  selling: string | undefined
  wanted: Exit | undefined
  entry: Position['entry']
}

/** Totals since the start; each only grows except rent. */
interface Totals {
  cost: bigint
  fees: bigint
  proceeds: bigint
  rent: bigint
  /** What left without us, less what came; 0 on paper. */
  outside: bigint
}

/** Where and when a position begins. */
interface Place {
  mint: string
  pool: string | undefined
  ts: number
  position: string
}

interface State {
  cash: bigint
  totals: Totals
  holdings: Map<string, Holding>
  byMint: Map<string, Holding>
}

/**
 * Cash and positions, changed by fills and fees alone. Always: cash = start − Σ cost − Σ fees −
 * rent held + Σ proceeds, to the lamport, less what left the wallet from outside. Prices are not
 * its business.
 */
export function makeBook(start: bigint) {
  const state: State = {
    cash: start,
    totals: { cost: 0n, fees: 0n, proceeds: 0n, rent: 0n, outside: 0n },
    holdings: new Map(),
    byMint: new Map(),
  }
  const { totals, holdings, byMint } = state
  return {
    start,
    cash: () => state.cash,
    totals: (): Readonly<Totals> => totals,
    holdings: () => holdings.values(),
    holding: (id: string) => holdings.get(id),
    heldOf: (mint: string) => byMint.get(mint),
    /** Fees of a transaction that swapped nothing. */
    pay(fee: bigint, position: string | undefined): void {
      pay(state, fee)
      const holding = position === undefined ? undefined : holdings.get(position)
      if (holding !== undefined) holding.fees += fee
    },
    buy: (fill: Fill, at: Place): Holding => buy(state, fill, at),
    /** Takes tokens out; the rent of the token account comes back with the last of them. */
    sell: (holding: Holding, fill: Fill): void => sell(state, holding, fill),
    /** Takes a deposit back that no open position stands for. */
    reclaim: (fill: Fill): void => reclaim(state, fill),
    /** Puts a position into the book that nobody here has bought: it was found in the wallet. */
    adopt(at: Place, amount: bigint): Holding {
      const holding: Holding = { ...blank(at, 9), status: 'orphan', bought: amount, amount }
      holdings.set(holding.id, holding)
      byMint.set(holding.mint, holding)
      return holding
    },
    /**
     * Takes away what is no longer in the wallet; the last of it ends the position, and its deposit
     * is gone too.
     */
    correct(holding: Holding, amount: bigint): void {
      holding.amount = amount
      if (amount > 0n) return
      totals.rent -= holding.rent
      totals.outside += holding.rent
      holding.rent = 0n
      remove(state, holding)
    },
    /**
     * What came to the wallet, or left it, without us; not in the ledger, looked up at every start.
     */
    correctCash(lamports: bigint): void {
      totals.outside += state.cash - lamports
      state.cash = lamports
    },
  }
}

function pay(state: State, fee: bigint): void {
  state.cash -= fee
  state.totals.fees += fee
}

function remove({ holdings, byMint }: State, holding: Holding): void {
  holdings.delete(holding.id)
  byMint.delete(holding.mint)
}

function buy(state: State, fill: Fill, at: Place): Holding {
  const { totals, holdings, byMint } = state
  const { fees, rent, input, output } = moved(fill)
  state.cash -= input + rent
  pay(state, fees)
  totals.cost += input
  totals.rent += rent
  const holding = holdings.get(at.position) ?? blank(at, fill.baseDecimals ?? 9)
  holding.bought += output
  holding.amount += output
  holding.cost += input
  holding.fees += fees
  holding.rent += rent
  holdings.set(at.position, holding)
  byMint.set(at.mint, holding)
  return holding
}

function sell(state: State, holding: Holding, fill: Fill): void {
  const { totals } = state
  const { fees, input, output } = moved(fill)
  state.cash += output
  pay(state, fees)
  totals.proceeds += output
  holding.amount -= input
  holding.proceeds += output
  holding.fees += fees
  const back = fill.rentReturnedLamports ?? (holding.amount > 0n ? '0' : String(holding.rent))
  // What an account holds above its booked deposit came from outside.
  const ours = least(BigInt(back), holding.rent)
  state.cash += BigInt(back)
  totals.rent -= ours
  totals.outside -= BigInt(back) - ours
  holding.rent -= ours
  if (holding.amount <= 0n) remove(state, holding)
}

/** What was never deposited by us came from outside. */
function reclaim(state: State, fill: Fill): void {
  const { totals, holdings } = state
  pay(state, moved(fill).fees)
  const back = BigInt(fill.rentReturnedLamports ?? '0')
  const open = [...holdings.values()].reduce((sum, each) => sum + each.rent, 0n)
  const ours = least(back, totals.rent - open)
  state.cash += back
  totals.rent -= ours
  totals.outside -= back - ours
}

function moved(fill: Fill): { fees: bigint; rent: bigint; input: bigint; output: bigint } {
  const fees =
    BigInt(fill.feeLamports) +
    BigInt(fill.priorityFeeLamports) +
    BigInt(fill.tipLamports ?? '0') +
    besideOf(fill)
  return {
    fees,
    rent: BigInt(fill.rentLamports ?? '0'),
    input: BigInt(fill.inAmount),
    output: BigInt(fill.outAmount),
  }
}

const blank = (at: Place, decimals: number): Holding => ({
  id: at.position,
  mint: at.mint,
  pool: at.pool,
  decimals,
  status: 'open',
  openedAt: at.ts,
  bought: 0n,
  amount: 0n,
  cost: 0n,
  proceeds: 0n,
  fees: 0n,
  rent: 0n,
  peak: 0,
  savedPeak: 0,
  rungs: 0,
  sells: 0,
  lines: 0,
  selling: undefined,
  wanted: undefined,
  entry: undefined,
})

/**
 * Profit of what was sold and paid so far: proceeds − cost − fees; rent is a deposit, not a cost.
 */
export const profitOf = (h: Holding): bigint => h.proceeds - h.cost - h.fees

/** Part of the cost that what is still held stands for. */
export const costHeld = (h: Holding): bigint =>
  h.bought === 0n ? 0n : (h.cost * h.amount) / h.bought

/** Average price paid for a whole token, fees apart. */
export const entryPrice = (h: Holding): number | undefined =>
  pricePaid(h.cost, h.bought, 9, h.decimals)

/** Remembers the best return. */
export function raisePeak(h: Holding, gain: number): void {
  if (gain > h.peak) h.peak = tidy(gain)
}
