import type { Rec } from '../records/record.ts'
import type { SamplerFlags } from './sampler-flags.ts'
import { priceOf, type Urgency, urgencyOf } from './tiers.ts'

export type AskLimits = Pick<SamplerFlags, 'asks' | 'whale' | 'whaleUsd'>

/** What is remembered of a token to tell whether it should be looked at now. */
export interface Askable {
  price?: number | undefined
  asked?: { ts: number; why: Urgency } | undefined
  /** From then on it may be asked for again. */
  againTs?: number
}

const MINUTE_MS = 60_000
/** What was asked for longer ago is no longer now. */
export const ASKED_MS = 300_000

/**
 * Sees lines of tokens, and tells whether one asks for a look at once: once a minute and token, and
 * so many times a minute of event time in all; the rest is counted. A market line is a look.
 */
export function makeAsks(
  limits: AskLimits,
  count: (what: string) => void,
): (token: Askable, rec: Rec) => boolean {
  let [minute, used] = [Number.NEGATIVE_INFINITY, 0]
  const isAllowed = (ts: number): boolean => {
    const now = Math.floor(ts / MINUTE_MS)
    if (now !== minute) [minute, used] = [now, 0]
    return used++ < limits.asks
  }
  return (token, rec) => {
    const why = urgencyOf(rec, token.price, limits)
    token.price = priceOf(rec) ?? token.price
    if (rec.market !== undefined && rec.ts > (token.asked?.ts ?? rec.ts)) token.asked = undefined
    if (why === undefined || rec.ts < (token.againTs ?? rec.ts)) return false
    if (!isAllowed(rec.ts)) {
      count('ask-over-limit')
      return false
    }
    token.asked = { ts: rec.ts, why }
    token.againTs = rec.ts + MINUTE_MS
    count(`ask-${why}`)
    return true
  }
}
