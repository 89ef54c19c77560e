import { WRAPPED_SOL } from '../../market/whale.ts'
import type { Rec } from '../../records/record.ts'
import type { StateTape } from '../kit/state-tape.ts'

/** Event time between two rankings. */
const PERIOD = 5 * 60_000
/** Wallets, and holdings of a wallet in a token, remembered: those not touched for longest go. */
const MAX_WALLETS = 50_000
const MAX_HOLDINGS = 100_000
/** Tokens sold that a wallet must have bought before: one lucky token is no skill. */
const LEAST_TOKENS = 3

/** Base units held and the lamports they cost. */
interface Holding {
  amount: number
  cost: number
}
interface Record {
  /** Lamports won less lost on what was sold. */
  profit: number
  /** Tokens that something was sold of, each counted when first sold. */
  tokens: number
}

/** A holding, and whether its token counts among those that its wallet sold. */
type Counted = Holding & { isCounted: boolean }

/** Wallets ranked by what they have realised, over the trades of all tokens (scope: market). */
export interface WalletRanking {
  /** Whether the wallet stands in the ranking as it was last drawn up. */
  has(wallet: string): boolean
  /**
   * Draws the ranking up when event time has passed a multiple of five minutes; call it before the
   * line counts.
   */
  advance(ts: number): void
  /** The next line draws it up anew. */
  setBack(): void
  see(rec: Rec): void
  visit(tape: StateTape): void
}

/**
 * The `most` wallets with the highest realised profit above 0, of those that have sold at least
 * three tokens. Profit is by average cost per wallet and token, over trades against SOL: of a sale
 * only what was seen bought counts, so that tokens received or bought before neither win nor lose.
 * What stands in the ranking was realised before the last multiple of five minutes of event time,
 * never on the line it is used on. Equal profits are ordered by address.
 */
export function makeWalletRanking(most: number): WalletRanking {
  const holdings = new Map<string, Counted>()
  const wallets = new Map<string, Record>()
  let ranked = new Set<string>()
  let drawnAt = Number.NEGATIVE_INFINITY

  return {
    has: wallet => ranked.has(wallet),
    advance: ts => {
      const period = Math.floor(ts / PERIOD)
      if (period <= drawnAt) return
      drawnAt = period
      ranked = bestOf(wallets, most)
    },
    setBack: () => {
      drawnAt = Number.NEGATIVE_INFINITY
    },
    see: ({ kind, mint, trade }) => {
      if (kind !== 'trade' || trade?.wallet === undefined || mint === undefined) return
      if (trade.quoteMint !== undefined && trade.quoteMint !== WRAPPED_SOL) return
      const [amount, lamports] = [Number(trade.baseAmount), Number(trade.quoteAmount)]
      const key = `${trade.wallet} ${mint}`
      if (trade.side === 'sell') {
        const holding = holdings.get(key)
        if (holding !== undefined) sell(wallets, trade.wallet, holding, { amount, lamports })
        return
      }
      const holding = touch(holdings, key, MAX_HOLDINGS, () => ({
        amount: 0,
        cost: 0,
        isCounted: false,
      }))
      holding.amount += amount
      holding.cost += lamports
    },
    visit: tape => {
      drawnAt = tape.number(drawnAt)
      visitMap(tape, holdings, holding => {
        const [amount, cost] = [tape.number(holding?.amount ?? 0), tape.number(holding?.cost ?? 0)]
        return { amount, cost, isCounted: tape.number(Number(holding?.isCounted ?? false)) === 1 }
      })
      visitMap(tape, wallets, record => ({
        profit: tape.number(record?.profit ?? 0),
        tokens: tape.number(record?.tokens ?? 0),
      }))
      const names = [...ranked]
      const size = tape.number(names.length)
      for (let i = 0; i < size; i++) ranked.add(tape.text(names[i])!)
    },
  }
}

/** The wallets that earned most, of those that sold enough tokens at a profit. */
function bestOf(wallets: ReadonlyMap<string, Record>, most: number): Set<string> {
  const good = [...wallets].filter(([, { profit, tokens }]) => profit > 0 && tokens >= LEAST_TOKENS)
  good.sort(([a, x], [b, y]) => y.profit - x.profit || (a < b ? -1 : 1))
  return new Set(good.slice(0, most).map(([wallet]) => wallet))
}

/** Takes a sale into the record of a wallet, as far as what was sold was seen bought. */
function sell(
  wallets: Map<string, Record>,
  wallet: string,
  holding: Counted,
  { amount, lamports }: { amount: number; lamports: number },
): void {
  const sold = Math.min(amount, holding.amount)
  if (!(sold > 0)) return
  const cost = holding.cost * (sold / holding.amount)
  const record = touch(wallets, wallet, MAX_WALLETS, () => ({ profit: 0, tokens: 0 }))
  record.profit += lamports * (sold / amount) - cost
  if (!holding.isCounted) record.tokens++
  holding.isCounted = true
  holding.amount -= sold
  holding.cost -= cost
}

/**
 * The entry of a key, made when it is new; it becomes the one touched last, and the one touched
 * first goes.
 */
function touch<T>(map: Map<string, T>, key: string, most: number, make: () => T): T {
  let entry = map.get(key)
  if (entry === undefined) {
    if (map.size >= most) map.delete(map.keys().next().value!)
    entry = make()
  } else map.delete(key)
  map.set(key, entry)
  return entry
}

function visitMap<T>(
  tape: StateTape,
  map: Map<string, T>,
  visit: (entry: T | undefined) => T,
): void {
  const entries = [...map]
  const size = tape.number(entries.length)
  for (let i = 0; i < size; i++) map.set(tape.text(entries[i]?.[0])!, visit(entries[i]?.[1]))
}
