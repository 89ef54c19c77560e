import { type Bar, hold, type Opinion, opinion, strategy } from './bar-strategy.ts'

const CHANNEL = 20
const TARGET = 0.06
const STOP = 0.03
const PATIENCE_BARS = 24

/**
 * Anti-martingale sizing on breakouts: buys when a bar closes above the highest close of the 20
 * before, and follows each of its signals on paper to +6 %, −3 % or 24 bars (a bar that touches
 * both counts as a loss). A row of wins raises the next size by 1.25 each (at most 2 ×) and the
 * confidence by 0.05 (0.5 to 0.7); a row of losses lowers the size by 0.8 each (at least half).
 * Warm after 20 bars.
 */
export const antiMartingale = strategy({
  name: 'anti-martingale',
  version: 1,
  isDefault: true,
  doc: 'breakouts with a size that grows with wins and shrinks with losses',
  make() {
    const closes: number[] = []
    let trade: { entry: number; bars: number } | undefined
    /** Wins in a row; negative = losses in a row. */
    let streak = 0
    return {
      update(bar) {
        const result = trade === undefined ? 0 : resultOf(bar, trade.entry, ++trade.bars)
        if (result !== 0) {
          streak = Math.sign(streak) === result ? streak + result : result
          trade = undefined
        }
        const breaks = closes.length === CHANNEL && bar.close > Math.max(...closes)
        const isWarm = closes.length === CHANNEL
        closes.push(bar.close)
        if (closes.length > CHANNEL) closes.shift()
        if (!isWarm) return undefined
        if (!breaks || trade !== undefined) return hold()
        trade = { entry: bar.close, bars: 0 }
        return breakout(streak)
      },
    }
  },
})

/** 1 = won, −1 = lost, 0 = still open. */
function resultOf({ high, low, close }: Bar, entry: number, bars: number): -1 | 0 | 1 {
  if (low <= entry * (1 - STOP)) return -1
  if (high >= entry * (1 + TARGET)) return 1
  return bars < PATIENCE_BARS ? 0 : close > entry ? 1 : -1
}

function breakout(streak: number): Opinion {
  const factor = streak > 0 ? Math.min(2, 1.25 ** (streak - 1)) : Math.max(0.5, 0.8 ** -streak)
  const reasons = [
    'breakout',
    ...(streak > 0 ? [`streak-${streak}`] : streak < 0 ? [`losses-${-streak}`] : []),
  ]
  const sizeFactor = Math.round(factor * 1e4) / 1e4
  return { ...opinion('buy', 0.5 + 0.05 * Math.min(4, Math.max(0, streak)), reasons), sizeFactor }
}
