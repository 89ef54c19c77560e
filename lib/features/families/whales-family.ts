import { grouped, num, type Values } from '../../base/flags.ts'
import { isWhale, shareOfPool, whaleFlags } from '../../market/whale.ts'
import type { Rec } from '../../records/record.ts'
import {
  type FeatureFamily,
  type FeatureOptions,
  isDue,
  type Known,
  known,
  type TokenState,
} from '../kit/family.ts'
import { featureSet } from '../kit/feature-set.ts'
import { makeHistory } from '../kit/history.ts'
import type { Facts } from '../kit/token-facts.ts'
import { HOUR, MINUTE } from './flow.ts'

/** Flags that say what a whale is. */
export const whaleSetFlags = grouped('Whales and smart money', {
  ...whaleFlags,
  whale: { ...whaleFlags.whale, doc: `${whaleFlags.whale.doc} (set whales)` },
  whaleShare: num('share of its pool from which a trade is a whale’s too', {
    default: 0.05,
    min: 0,
  }),
})
export type WhaleOptions = FeatureOptions & Values<typeof whaleSetFlags>

const WHALES = featureSet({
  name: 'whales',
  kinds: ['trade', 'market'],
  isDefault: false,
  readsFacts: true,
  ready: '1 trade',
  rows: `
isWhale@1 | 0/1 | 1 trade | trade, --whale, --whale-usd, --whale-share
  this trade is at least --whale SOL, --whale-usd against other quotes, or --whale-share of its
  pool; absent on market lines
tradeShare@1 | fraction | 1 trade | trade.quoteAmount, trade.quoteReserveAmount, market.liquidityUsd
  quote of this trade / quote reserve of its pool before it, else its value / liquidity last
  reported
whaleBuys1h@1 | count | 1 trade | trade
  buys of whales in the last hour (since first seen, when that is less)
whaleSells1h@1 | count | 1 trade | trade
  sells of whales in the last hour (the same)
minutesSinceWhale@1 | minutes | 1 whale | trade
  time since the last trade of a whale, this one included; absent before the first`,
})

/**
 * Set `whales`: large trades of a token, on its trade and market lines. A whale’s trade gets the
 * set whatever `--every` says; ready once a trade was seen.
 */
function makeWhales(options: WhaleOptions, facts: Facts): TokenState {
  const { every, whaleShare } = options
  const counts = { buy: makeHistory(MINUTE, 62), sell: makeHistory(MINUTE, 62) }
  const totals = { buy: 0, sell: 0 }
  let trades = 0
  let lastAt = Number.NaN
  let emittedAt = Number.NEGATIVE_INFINITY

  const see = (rec: Rec, share: number | undefined): boolean => {
    const { trade } = rec
    if (trade === undefined) return false
    trades++
    if (!isWhale(rec, options) && !((share ?? 0) >= whaleShare)) return false
    totals[trade.side]++
    counts[trade.side].put(rec.ts, totals[trade.side])
    lastAt = Number.isNaN(lastAt) ? rec.ts : Math.max(lastAt, rec.ts)
    return true
  }
  const inHour = (side: 'buy' | 'sell', ts: number): number =>
    totals[side] - (counts[side].at(ts - HOUR) ?? 0)
  return {
    see: (rec, entries) => {
      const isTrade = rec.kind === 'trade'
      if (!isTrade && (rec.kind !== 'market' || rec.market === undefined)) return
      const share = isTrade ? shareOfPool(rec, facts.market?.liquidityUsd) : undefined
      const isLarge = isTrade && see(rec, share)
      if (!isLarge && !isDue(rec.ts, emittedAt, every)) return
      emittedAt = rec.ts
      if (rec.warm === true) return
      const isReady = trades > 0
      const values = {
        isWhale: isTrade ? Number(isLarge) : undefined,
        tradeShare: share,
        whaleBuys1h: isReady ? inHour('buy', rec.ts) : undefined,
        whaleSells1h: isReady ? inHour('sell', rec.ts) : undefined,
        minutesSinceWhale: rec.ts >= lastAt ? (rec.ts - lastAt) / MINUTE : undefined,
      }
      const set = { hash: WHALES.hash, ready: isReady, values: known(values) }
      entries.whales = isReady ? set : { ...set, reason: 'needs a trade' }
    },
    visit: tape => {
      for (const side of ['buy', 'sell'] as const) {
        counts[side].visit(tape)
        totals[side] = tape.number(totals[side])
      }
      trades = tape.number(trades)
      lastAt = tape.number(lastAt)
      emittedAt = tape.number(emittedAt)
    },
  }
}

export const whaleFamily = {
  sets: [WHALES],
  flags: whaleSetFlags,
  make: (options: WhaleOptions, { facts }: Known) => makeWhales(options, facts),
} as const satisfies FeatureFamily<WhaleOptions>
