import { type Bar, hold, makeMean, type Opinion, opinion, strategy } from './bar-strategy.ts'
import { PATTERNS, type Scene } from './candle-patterns.ts'

/** Bars that make the usual body and volume, and bars that make the trend. */
const USUAL = 14
const TREND = 5

/**
 * Reversal patterns of one to three candles at the end of a trend. Confidence = base of the pattern
 * + 0.3 × strength, + 0.05 when volume is above 1.5 × usual, + 0.05 for each further pattern that
 * says the same. Patterns that contradict each other: the surer side, without the extras of the
 * other. Warm after 14 bars.
 */
export const candlestick = strategy({
  name: 'candlestick',
  version: 1,
  isDefault: true,
  doc: 'reversal patterns of one to three candles: engulfing, hammer, star, soldiers',
  make() {
    const usualBody = makeMean(USUAL)
    const usualVolume = makeMean(USUAL)
    const bars: Bar[] = []
    return {
      update(bar) {
        bars.unshift(bar)
        if (bars.length > 3 + TREND) bars.pop()
        const scene = sceneOf(bars, usualBody.value())
        const busy = bar.volume > 1.5 * (usualVolume.value() ?? Number.POSITIVE_INFINITY)
        usualBody.update(Math.abs(bar.close - bar.open))
        usualVolume.update(bar.volume)
        return scene === undefined ? undefined : read(scene, busy)
      },
    }
  },
})

function sceneOf(bars: readonly Bar[], usualBody: number | undefined): Scene | undefined {
  const [now, before, first] = bars
  const [start, end] = [bars[2 + TREND], bars[2]]
  if (!now || !before || !first || !start || !end || usualBody === undefined) return undefined
  return {
    bars: [now, before, first],
    usualBody,
    trend: start.close > 0 ? end.close / start.close - 1 : 0,
  }
}

function read(scene: Scene, busy: boolean): Opinion {
  if (!(scene.usualBody > 0)) return hold()
  const sides = {
    buy: { best: 0, names: [] as string[] },
    sell: { best: 0, names: [] as string[] },
  }
  for (const { name, signal, base, strength } of PATTERNS) {
    const shown = strength(scene)
    if (shown <= 0) continue
    const side = sides[signal]
    side.names.push(name)
    side.best = Math.max(side.best, base + 0.3 * shown)
  }
  const signal = sides.buy.best >= sides.sell.best ? 'buy' : 'sell'
  const { best, names } = sides[signal]
  if (names.length === 0) return hold()
  return opinion(
    signal,
    best + 0.05 * (names.length - 1) + (busy ? 0.05 : 0),
    busy ? [...names, 'volume'] : names,
  )
}
