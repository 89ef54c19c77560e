import type { Emitter, Swapped } from './emit.ts'
import { CROWD } from './token/params.ts'
import { BASE_DECIMALS, buy, priceOf, QUOTE_DECIMALS, sell } from './token/sim-pool.ts'
import type { SimToken } from './token/sim-token.ts'
import type { Weather } from './weather.ts'

/**
 * Swaps, with everything that follows from one: pool, bags, windows, bars, the crowd's view, the
 * line.
 */
export function makeTrading(emitter: Emitter, weather: Weather) {
  function settle(token: SimToken, now: number, swap: Omit<Swapped, 'volumeUsd'>): void {
    const { side, wallet, base, quote } = swap
    const sol = Number(quote) / 10 ** QUOTE_DECIMALS
    const value = Math.round(sol * weather.solUsd() * 1e4)
    const price = priceOf(token.pool)
    token.windows.add({ at: now, value, isBuy: side === 'buy', price })
    token.bars.add(price, Number(base) / 10 ** BASE_DECIMALS)
    token.flow += ((side === 'buy' ? 1 : -1) - token.flow) / CROWD.herdTrades
    token.lastTradeAt = now
    token.isDirty = true
    emitter.trade(now, token, { side, wallet, base, quote, volumeUsd: value / 1e4 })
  }

  return {
    /** Spends lamports for tokens; nothing happens when it is too little to move one base unit. */
    buy(token: SimToken, now: number, wallet: string, lamports: bigint): void {
      const { paid, got } = buy(token.pool, lamports)
      if (got <= 0n) return
      token.purse.add(wallet, got)
      settle(token, now, { side: 'buy', wallet, base: got, quote: paid })
    },
    /** Sells tokens, at most what the wallet holds. */
    sell(token: SimToken, now: number, wallet: string, tokens: bigint): void {
      const held = token.purse.held(wallet)
      const sold = tokens < held ? tokens : held
      const got = sell(token.pool, sold)
      if (got <= 0n) return
      token.purse.take(wallet, sold)
      settle(token, now, { side: 'sell', wallet, base: sold, quote: got })
    },
  }
}
export type Trading = ReturnType<typeof makeTrading>
