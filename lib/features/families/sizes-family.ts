import { WRAPPED_SOL } from '../../market/whale.ts'
import type { Rec } from '../../records/record.ts'
import {
  type FeatureFamily,
  type FeatureOptions,
  isDue,
  known,
  type TokenState,
} from '../kit/family.ts'
import { featureSet } from '../kit/feature-set.ts'

const SIZES = featureSet({
  name: 'sizes',
  kinds: ['trade', 'market'],
  isDefault: false,
  ready: '20 trades',
  rows: `
logSizeP10@1 | ln SOL | 20 trades | trade.quoteAmount
  tenth percentile of the logarithm of the size of a trade, over the last 256 against SOL
logSizeP50@1 | ln SOL | 20 trades | trade.quoteAmount
  median of the same
logSizeP90@1 | ln SOL | 20 trades | trade.quoteAmount
  ninetieth percentile of the same
logSizeP99@1 | ln SOL | 20 trades | trade.quoteAmount
  ninety-ninth percentile of the same
logSizeSpread@1 | ln SOL | 20 trades | trade.quoteAmount
  logSizeP90 − logSizeP10
sizedTrades@1 | count | 1 trade | trade.quoteAmount
  trades that these are of, at most 256`,
})

/** Trades remembered, and the least of them that have a distribution. */
const MOST = 256
const LEAST = 20
const LAMPORTS = 9

/**
 * Set `sizes`: how large the trades of a token are, on its trade and market lines. A trade against
 * another quote, or of nothing, is left out. Ready with twenty.
 */
function makeSizes({ every }: FeatureOptions): TokenState {
  const ring = new Float64Array(MOST)
  let trades = 0
  let emittedAt = Number.NEGATIVE_INFINITY
  return {
    see: (rec, entries) => {
      const isTrade = rec.kind === 'trade'
      if (!isTrade && (rec.kind !== 'market' || rec.market === undefined)) return
      const size = isTrade ? sizeOf(rec) : undefined
      if (size !== undefined) ring[trades++ % MOST] = Math.log(size)
      if (trades === 0 || !isDue(rec.ts, emittedAt, every)) return
      emittedAt = rec.ts
      if (rec.warm === true) return
      const count = Math.min(trades, MOST)
      const isReady = count >= LEAST
      const values = known({ ...(isReady && spreadOf(ring.slice(0, count))), sizedTrades: count })
      const set = { hash: SIZES.hash, ready: isReady, values }
      entries.sizes = isReady ? set : { ...set, reason: `needs ${LEAST} trades, has ${count}` }
    },
    visit: tape => {
      tape.floats(ring)
      trades = tape.number(trades)
      emittedAt = tape.number(emittedAt)
    },
  }
}

function sizeOf({ trade }: Rec): number | undefined {
  const isSol = trade?.quoteMint === undefined || trade.quoteMint === WRAPPED_SOL
  const size = Number(trade?.quoteAmount ?? 0) / 10 ** LAMPORTS
  return isSol && size > 0 ? size : undefined
}

/** Quantiles by linear interpolation between order statistics (Hyndman and Fan 1996, type 7). */
function spreadOf(sizes: Float64Array): Record<string, number> {
  sizes.sort()
  const at = (share: number): number => {
    const place = share * (sizes.length - 1)
    const [low, high] = [sizes[Math.floor(place)]!, sizes[Math.ceil(place)]!]
    return low + (place - Math.floor(place)) * (high - low)
  }
  const [p10, p90] = [at(0.1), at(0.9)]
  return {
    logSizeP10: p10,
    logSizeP50: at(0.5),
    logSizeP90: p90,
    logSizeP99: at(0.99),
    logSizeSpread: p90 - p10,
  }
}

export const sizesFamily = {
  sets: [SIZES],
  make: (options: FeatureOptions) => makeSizes(options),
} as const satisfies FeatureFamily
