import { isTraded } from '../market/candle-fill.ts'
import { type Reserves, reservesOf } from '../market/reserves.ts'
import type { Candle } from '../records/candle.ts'
import type { Market } from '../records/market.ts'
import type { Rec } from '../records/record.ts'

/** The newest that is known of the market of one token, as far as trading needs it. */
export interface Seen {
  mint: string
  ts: number
  /** Newest reserves per pool, at most MAX_POOLS. */
  pools: Map<string, Reserves>
  newest: Reserves | undefined
  candle: Candle | undefined
  /** End of the newest candle. */
  candleTs: number
  decimals: number | undefined
  priorityFee: bigint | undefined
  /** What lines last told of the depth of its market. */
  liquidity: Pick<Market, 'liquidityUsd' | 'priceUsd' | 'priceSol'> | undefined
  /** Trading time at which a line or the venue last told a price. */
  heardAt: number
  /** What the venue itself said last. */
  told: Priced | undefined
  /** Set by the line just learned: it told a price. */
  isPriced: boolean
}

/** What a venue would give for an amount of a token: a price that no line told. */
export interface Priced {
  ts: number
  amount: bigint
  out: bigint
}

const MAX_POOLS = 8
/** Forgets tokens that were quiet for longer than this (event time), looking once an hour. */
const QUIET_MS = 24 * 3_600_000
const SWEEP_MS = 3_600_000

/**
 * Market memory of `execute`. `learn(rec)` takes a line in and returns the memory of its token.
 * Tokens quiet for a day are forgotten unless `isHeld`; beyond `maxTokens` the one seen first that
 * is not held goes.
 */
export function makeView(maxTokens: number, isHeld: (mint: string) => boolean) {
  const known = new Map<string, Seen>()
  let sweepAt = Number.NEGATIVE_INFINITY
  const sweep = (now: number): void => {
    sweepAt = now + SWEEP_MS
    for (const [mint, seen] of known)
      if (now - seen.ts > QUIET_MS && !isHeld(mint)) known.delete(mint)
  }
  const makeRoom = (): void => {
    for (const mint of known.keys()) {
      if (isHeld(mint)) continue
      known.delete(mint)
      return
    }
  }
  const seenOf = (mint: string): Seen => {
    const found = known.get(mint)
    if (found !== undefined) return found
    if (known.size >= maxTokens) makeRoom()
    const made = blank(mint)
    known.set(mint, made)
    return made
  }
  return {
    get: (mint: string): Seen | undefined => known.get(mint),
    learn(rec: Rec): Seen | undefined {
      if (rec.ts >= sweepAt) sweep(rec.ts)
      const { mint } = rec
      if (mint === undefined) return undefined
      const seen = seenOf(mint)
      take(seen, rec)
      return seen
    },
    /** Time is `now` again: prices of later times are not known any more. */
    setBack(now: number): void {
      sweepAt = Number.NEGATIVE_INFINITY
      for (const seen of known.values()) if (seen.ts > now) setBack(seen, now)
    },
    /** Takes a price of the venue: the newest there is until a line tells another. */
    tell(mint: string, priced: Priced): Seen {
      const seen = seenOf(mint)
      seen.told = priced
      seen.isPriced = true
      return seen
    },
  }
}
export type View = ReturnType<typeof makeView>

const blank = (mint: string): Seen => ({
  mint,
  ts: 0,
  pools: new Map(),
  newest: undefined,
  candle: undefined,
  candleTs: Number.NEGATIVE_INFINITY,
  decimals: undefined,
  priorityFee: undefined,
  liquidity: undefined,
  heardAt: 0,
  told: undefined,
  isPriced: false,
})

function setBack(seen: Seen, now: number): void {
  seen.ts = now
  seen.heardAt = Math.min(seen.heardAt, now)
  if (seen.candleTs > now) {
    seen.candle = undefined
    seen.candleTs = Number.NEGATIVE_INFINITY
  }
  for (const [pool, { ts }] of seen.pools) if (ts > now) seen.pools.delete(pool)
  seen.newest = newestOf(seen)
  seen.isPriced = false
}

function take(seen: Seen, rec: Rec): void {
  seen.isPriced = false
  if (rec.ts > seen.ts) seen.ts = rec.ts
  if (rec.candle !== undefined && rec.ts > seen.candleTs) {
    seen.candle = rec.candle
    seen.candleTs = rec.ts
    seen.isPriced = seen.newest === undefined && isTraded(rec.candle)
  }
  if (rec.market !== undefined || rec.trade !== undefined) takeReserves(seen, rec)
  if (seen.isPriced) seen.told = undefined
  if (rec.token?.decimals !== undefined) seen.decimals = rec.token.decimals
}

function takeReserves(seen: Seen, rec: Rec): void {
  const fee = rec.market?.priorityFeeLamports
  if (fee !== undefined) seen.priorityFee = BigInt(fee)
  if (rec.market?.liquidityUsd !== undefined) seen.liquidity = rec.market
  const key = rec.pool ?? ''
  if (rec.market?.isOpen === false) {
    forgetPool(seen, key)
    return
  }
  const reserves = reservesOf(rec, seen.pools.get(key)?.feeBps)
  if (reserves === undefined || reserves.ts < (seen.pools.get(key)?.ts ?? 0)) return
  if (!seen.pools.has(key) && seen.pools.size >= MAX_POOLS)
    seen.pools.delete(seen.pools.keys().next().value!)
  seen.pools.set(key, reserves)
  seen.newest = reserves
  seen.isPriced = true
}

/** A pool that closed is no place to trade in while another one is known. */
function forgetPool(seen: Seen, key: string): void {
  if (seen.pools.size > 1 || !seen.pools.has(key)) seen.pools.delete(key)
  seen.newest = newestOf(seen)
}

const newestOf = ({ pools }: Seen): Reserves | undefined =>
  [...pools.values()].sort((a, b) => a.ts - b.ts).at(-1)

/**
 * Reserves to trade a token against: those of the pool asked for while it is known, else the newest
 * seen.
 */
export const reservesFor = (seen: Seen, pool: string | undefined): Reserves | undefined =>
  seen.pools.get(pool ?? '') ?? seen.newest

/**
 * Cash side of the reserves that the liquidity told last stands for, in the currency of candles:
 * half of it. Undefined where none was told, or its worth in that currency is not known.
 */
export function depthOf({ liquidity }: Seen, currency: string): number | undefined {
  const { liquidityUsd, priceUsd, priceSol } = liquidity ?? {}
  if (liquidityUsd === undefined) return undefined
  if (currency === 'usd') return liquidityUsd / 2
  if (currency !== 'sol' || priceSol === undefined || !((priceUsd ?? 0) > 0)) return undefined
  return (liquidityUsd / 2) * (priceSol / priceUsd!)
}
