import type { Rng } from '../../base/rng.ts'
import { intervalName } from '../../market/interval-name.ts'
import type { Candle } from '../../records/candle.ts'
import type { Rec } from '../../records/record.ts'
import { type Line, makeLine } from '../../stream/line.ts'
import { signature } from './token/made-up-names.ts'
import { CHAIN } from './token/params.ts'
import { BASE_DECIMALS, type Pool, priceOf, QUOTE_DECIMALS, SUPPLY } from './token/sim-pool.ts'
import type { SimToken } from './token/sim-token.ts'
import type { Weather } from './weather.ts'

const SOURCE = 'sim'
const WSOL = 'So11111111111111111111111111111111111111112'

/** A swap that has happened: the pool already holds the reserves after it. */
export interface Swapped {
  side: 'buy' | 'sell'
  wallet: string
  base: bigint
  quote: bigint
  volumeUsd: number
}

/**
 * Turns what happens into lines, in the order of the calls. `rng` gives signatures and network
 * delays.
 */
export function makeEmitter(startAt: number, rng: Rng, weather: Weather) {
  const lines: Line[] = []
  let seenAt = 0
  const slotOf = (ts: number): number => CHAIN.firstSlot + Math.floor((ts - startAt) / CHAIN.slotMs)
  /** Lines are seen in the order in which they are written. */
  const seen = (ts: number): number => {
    const { least, more } = CHAIN.delayMs
    return (seenAt = Math.max(seenAt, Math.round(ts + least + rng.exponential(more))))
  }
  const put = (rec: Rec): void => void lines.push(makeLine(rec))

  return {
    tick: (ts: number): void =>
      put({ v: 1, id: `tick:${ts}`, ts, kind: 'tick', source: 'discover' }),

    token: (ts: number, token: SimToken, facts: NonNullable<Rec['token']>): void =>
      put(tokenRec(ts, token, facts, seen(ts))),

    trade(ts: number, token: SimToken, swapped: Swapped): void {
      const [sign, index] = [signature(rng), `${2 + rng.below(3)}.${rng.below(4)}`]
      const trade = tradeOf(token.pool, swapped, sign, index)
      put(tradeRec(ts, slotOf(ts), token, trade, seen(ts)))
    },

    market(ts: number, token: SimToken): void {
      const market = marketOf(ts, token, weather.solUsd(), weather.heat())
      put(marketRec(ts, slotOf(ts), token, market, seen(ts)))
    },

    candle: (ts: number, mint: string, pool: Pool, candle: Candle): void =>
      put(candleRec(ts, mint, pool, candle, seen(ts))),

    /** Lines since the last call. */
    take(): Line[] {
      return lines.splice(0)
    },
    size: () => lines.length,
  }
}
export type Emitter = ReturnType<typeof makeEmitter>

// One flat literal each, for they are made hundreds of thousands of times.

const tokenRec = (
  ts: number,
  { mint, pool }: SimToken,
  token: NonNullable<Rec['token']>,
  seenAt: number,
): Rec => ({
  v: 1,
  id: `token:${mint}:${SOURCE}:${ts}`,
  ts,
  kind: 'token',
  mint,
  pool: pool.address,
  source: SOURCE,
  seenAt,
  token,
})

const tradeRec = (
  ts: number,
  slot: number,
  { mint, pool }: SimToken,
  trade: ReturnType<typeof tradeOf>,
  seenAt: number,
): Rec => ({
  v: 1,
  id: `trade:${trade.signature}:${trade.index}`,
  ts,
  kind: 'trade',
  mint,
  pool: pool.address,
  source: SOURCE,
  slot,
  seenAt,
  trade,
})

const marketRec = (
  ts: number,
  slot: number,
  { mint, pool }: SimToken,
  market: NonNullable<Rec['market']>,
  seenAt: number,
): Rec => ({
  v: 1,
  id: `market:${pool.address}:${slot}`,
  ts,
  kind: 'market',
  mint,
  pool: pool.address,
  source: SOURCE,
  slot,
  seenAt,
  market,
})

const candleRec = (
  ts: number,
  mint: string,
  { address }: Pool,
  candle: Candle,
  seenAt: number,
): Rec => ({
  v: 1,
  id: `candle:${address}:${intervalName(candle.intervalMs)}:${candle.openAt}`,
  ts,
  kind: 'candle',
  mint,
  pool: address,
  source: SOURCE,
  seenAt,
  candle,
})

const tradeOf = (
  pool: Pool,
  { side, wallet, base, quote, volumeUsd }: Swapped,
  sign: string,
  index: string,
) => ({
  dex: pool.dex,
  quoteMint: WSOL,
  baseDecimals: BASE_DECIMALS,
  quoteDecimals: QUOTE_DECIMALS,
  side,
  wallet,
  baseAmount: String(base),
  quoteAmount: String(quote),
  priceSol: brief((Number(quote) / Number(base)) * 10 ** (BASE_DECIMALS - QUOTE_DECIMALS)),
  volumeUsd,
  signature: sign,
  index,
  baseReserveAmount: String(pool.base),
  quoteReserveAmount: String(pool.quote),
})

function marketOf(
  ts: number,
  token: SimToken,
  solUsd: number,
  heat: number,
): NonNullable<Rec['market']> {
  const { pool, windows } = token
  const price = priceOf(pool)
  const { volumeUsd, buys, sells, priceChange } = windows.view(ts)
  const market: NonNullable<Rec['market']> = {
    dex: pool.dex,
    quoteMint: WSOL,
    baseDecimals: BASE_DECIMALS,
    quoteDecimals: QUOTE_DECIMALS,
    feeBps: pool.feeBps,
    isOpen: pool.isOpen,
    openAt: pool.openAt,
    baseAmount: String(pool.base),
    quoteAmount: String(pool.quote),
    priceSol: brief(price),
    priceUsd: brief(price * solUsd),
    liquidityUsd: cents((2 * Number(pool.quote) * solUsd) / 10 ** QUOTE_DECIMALS),
    marketCapUsd: cents((price * solUsd * Number(SUPPLY)) / 10 ** BASE_DECIMALS),
    volumeUsd,
    buys,
    sells,
  }
  if (priceChange.m5 !== undefined) market.priceChange = priceChange as Record<string, number>
  market.priorityFeeLamports = String(Math.round(20 * heat) * 1000)
  return market
}

/** Nine significant digits. */
const brief = (x: number): number => Number(x.toPrecision(9))
const cents = (x: number): number => Math.round(x * 100) / 100
