import { isWhale, type WhaleSize } from '../market/whale.ts'
import { OUTCOMES, type Outcome } from '../records/prediction.ts'
import type { Rec } from '../records/record.ts'

/** How often tokens of a liquidity are looked at; the first whose floor is passed. */
export const TIERS = [
  { name: 'large', aboveUsd: 100_000, everyMs: 5 * 60_000 },
  { name: 'medium', aboveUsd: 10_000, everyMs: 15 * 60_000 },
  { name: 'small', aboveUsd: 1000, everyMs: 3_600_000 },
  { name: 'tiny', aboveUsd: Number.NEGATIVE_INFINITY, everyMs: 4 * 3_600_000 },
] as const

/** Place in TIERS by liquidity; unknown liquidity is the last. */
export const tierOf = (liquidityUsd: number | undefined): number =>
  TIERS.findIndex(({ aboveUsd }) => (liquidityUsd ?? Number.NEGATIVE_INFINITY) >= aboveUsd)

/** Why a token is worth more looks than its liquidity says. Each raises it by a tier. */
export type Reason = 'prediction' | 'event' | 'rare'

const LIKELY = 0.6
const RISKY = 0.5
/** Change of price in five minutes that is an event. */
const JUMP = 0.2

/** Reasons that a line gives; `isRare` says which outcomes the labels lack. */
export function reasonsOf(rec: Rec, isRare: (outcome: Outcome) => boolean): Reason[] {
  const reasons: Reason[] = []
  const { outcome } = rec.prediction ?? {}
  if (isExpected(rec, { good: LIKELY, bad: RISKY })) reasons.push('prediction')
  if (isEvent(rec)) reasons.push('event')
  if (outcome?.class !== undefined && isRare(outcome.class)) reasons.push('rare')
  return reasons
}

/** A model expects much, good or bad. */
function isExpected({ prediction }: Rec, least: { good: number; bad: number }): boolean {
  return Object.entries(prediction ?? {}).some(([name, said]) => {
    const { PUMP = 0, MOON = 0 } = said.probabilities ?? {}
    const good = Math.max(
      said.profitable ?? 0,
      said.successProbability ?? 0,
      name === 'rug' ? 0 : (said.p ?? 0),
      PUMP + MOON,
    )
    const bad = Math.max(said.rugRisk ?? 0, said.rugProb ?? 0, name === 'rug' ? (said.p ?? 0) : 0)
    return good >= least.good || bad >= least.bad
  })
}

function isEvent({ kind, decision, market, features }: Rec): boolean {
  const regime = features?.pool?.regime
  return (
    kind === 'opportunity' ||
    kind === 'order' ||
    kind === 'position' ||
    decision?.act === 'buy' ||
    decision?.act === 'sell' ||
    regime === 'moon-mission' ||
    regime === 'rug-dump' ||
    Math.abs(market?.priceChange?.m5 ?? 0) >= JUMP
  )
}

/** A model is sure of what it expects. */
const SURE = 0.8
/** Change of price since the last line of a token that is a shock. */
const SHOCK = 0.2

/** What cannot wait for the next look at a token. */
export type Urgency = 'whale' | 'prediction' | 'price'

/**
 * Why a token should be looked at now: a whale bought, a model is sure of much or of a rug, or the
 * price has jumped since `last`. Undefined for all else.
 */
export function urgencyOf(
  rec: Rec,
  last: number | undefined,
  whale: WhaleSize,
): Urgency | undefined {
  if (rec.trade?.side === 'buy' && isWhale(rec, whale)) return 'whale'
  if (isExpected(rec, { good: SURE, bad: SURE })) return 'prediction'
  const price = priceOf(rec)
  const isShock =
    price !== undefined && last !== undefined && last > 0 && Math.abs(price / last - 1) >= SHOCK
  return isShock || Math.abs(rec.market?.priceChange?.m5 ?? 0) >= SHOCK ? 'price' : undefined
}

/** The price in SOL that a line tells. */
export const priceOf = ({ trade, market, candle }: Rec): number | undefined =>
  trade?.priceSol ?? market?.priceSol ?? candle?.close

/**
 * Counts outcomes; one is rare with less than half of an even share. So from the first label on
 * every outcome but its own is.
 */
export function makeBalance(): { add(outcome: Outcome): void; isRare(outcome: Outcome): boolean } {
  const counts = new Map<Outcome, number>()
  let total = 0
  return {
    add(outcome) {
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
      total++
    },
    isRare: outcome => total > 0 && (counts.get(outcome) ?? 0) < total / OUTCOMES.length / 2,
  }
}
