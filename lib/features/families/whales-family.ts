import { isWhale, shareOfPool, type WhaleSize } from '../../market/whale.ts'
import type { Rec } from '../../records/record.ts'
import { type Family, type FeatureOptions, isDue, known } from '../kit/family.ts'
import { makeHistory } from '../kit/history.ts'
import type { Facts } from '../kit/token-facts.ts'
import { SETS } from '../sets.ts'
import { HOUR, MINUTE } from './flow.ts'

export interface WhaleOptions extends WhaleSize {
  /** A trade of at least this share of its pool is a whale’s too. */
  whaleShare: number
}

/**
 * Set `whales`: large trades of a token, on its trade and market lines. A whale’s trade gets the
 * set whatever `--every` says; ready once a trade was seen.
 */
export function makeWhaleFamily({ every, whales }: FeatureOptions, facts: Facts): Family {
  const counts = { buy: makeHistory(MINUTE, 62), sell: makeHistory(MINUTE, 62) }
  const totals = { buy: 0, sell: 0 }
  let trades = 0
  let lastAt = Number.NaN
  let emittedAt = Number.NEGATIVE_INFINITY

  const see = (rec: Rec, share: number | undefined): boolean => {
    const { trade } = rec
    if (trade === undefined) return false
    trades++
    if (!isWhale(rec, whales) && !((share ?? 0) >= whales.whaleShare)) return false
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
      const set = { hash: SETS.whales.hash, ready: isReady, values: known(values) }
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
