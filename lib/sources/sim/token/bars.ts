import type { Candle } from '../../../records/candle.ts'

/**
 * Closed bars of one pool from its trades: prices after each trade in SOL, volume in whole tokens.
 */
export function makeBars(intervalMs: number, firstPrice: number) {
  let last = firstPrice
  let bar: { open: number; high: number; low: number; volume: number; trades: number } | undefined
  return {
    add(price: number, tokens: number): void {
      if (bar === undefined) bar = { open: price, high: price, low: price, volume: 0, trades: 0 }
      bar.high = Math.max(bar.high, price)
      bar.low = Math.min(bar.low, price)
      bar.volume += tokens
      bar.trades++
      last = price
    },
    /** Closes the bar that began at `openAt`; flat at the last close when nothing was traded. */
    close(openAt: number): Candle {
      const flat = { open: last, high: last, low: last, volume: 0, trades: 0 }
      const { open, high, low, volume, trades } = bar ?? flat
      const filled = bar === undefined
      bar = undefined
      const range = { open, high, low, close: last, volume: Math.round(volume * 1e6) / 1e6 }
      return { intervalMs, openAt, ...range, currency: 'sol', trades, filled }
    },
  }
}
export type Bars = ReturnType<typeof makeBars>
