import { type Bar, hold, makeMean, type Opinion, opinion, strategy } from './bar-strategy.ts'

/** Lengths in units of the mean true range. */
const LEG = 4
const TURN = 1.5

/**
 * Swings of closing prices, measured in the token's own volatility (true range as Wilder defines
 * it, exponential mean of 14). A move of 1.5 mean ranges against the leg ends it; when the leg was
 * at least 4 mean ranges long, that is a reversal, said once. Confidence = 0.55 + 0.05 per further
 * range of the leg (up to 0.25) + 0.1 when volume is above 1.5 × usual. Warm after 14 bars.
 */
export const trendReversal = strategy({
  name: 'trend-reversal',
  version: 1,
  isDefault: true,
  doc: 'turns after a long leg, measured in mean true ranges',
  make() {
    const meanRange = makeMean(14)
    const usualVolume = makeMean(14)
    const swing = makeSwing()
    let lastClose: number | undefined
    return {
      update(bar) {
        const range = meanRange.value()
        const busy = bar.volume > 1.5 * (usualVolume.value() ?? Number.POSITIVE_INFINITY)
        meanRange.update(trueRange(bar, lastClose))
        usualVolume.update(bar.volume)
        lastClose = bar.close
        const leg = swing(bar.close, range)
        return range === undefined ? undefined : read(leg, range, busy)
      },
    }
  },
})

const trueRange = ({ high, low }: Bar, lastClose: number | undefined): number =>
  Math.max(high, lastClose ?? high) - Math.min(low, lastClose ?? low)

/**
 * Length of the leg that this close ends: positive after a fall, negative after a rise, 0 while
 * none ends.
 */
function makeSwing() {
  let up = false
  let start: number | undefined
  let extreme = 0
  return (close: number, range: number | undefined): number => {
    if (start === undefined) start = extreme = close
    extreme = up ? Math.max(extreme, close) : Math.min(extreme, close)
    if (range === undefined || Math.abs(close - extreme) < TURN * range) return 0
    const leg = start - extreme
    up = !up
    start = extreme
    extreme = close
    return leg
  }
}

function read(leg: number, range: number, busy: boolean): Opinion {
  const ranges = Math.abs(leg) / range
  if (!(range > 0) || !(ranges >= LEG)) return hold()
  const confidence = 0.55 + Math.min(0.25, 0.05 * (ranges - LEG)) + (busy ? 0.1 : 0)
  const reasons = [leg > 0 ? 'reversal-up' : 'reversal-down', ...(busy ? ['volume'] : [])]
  return opinion(leg > 0 ? 'buy' : 'sell', confidence, reasons)
}
