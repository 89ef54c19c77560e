import type { Label } from '../records/label.ts'
import { changeOf } from './change.ts'
import type { Definition } from './definition.ts'
import type { Base, Seen } from './outcome.ts'

/** A stretch of event time of which the stream tells nothing. */
export type Blind = [from: number, until: number]

/** A price ends this share of the horizon before its end at most, or the token has gone quiet. */
const QUIET_SHARE = 0.25

/** What a token that went quiet counts as, and why it cannot be told. */
interface Verdict {
  quiet: NonNullable<Label['quiet']>
  /** Return at the horizon; absent where it is unknown. */
  change?: number
  reason?: string
}

/**
 * What became of a token without a price in the last quarter of the horizon; undefined for one that
 * has some. A quarter in which the stream itself was silent says nothing about the token. At the
 * last price the buyer gets what the pool gives for all that was bought:
 * return = p·R/(R + s·p) − 1 of a size s, for the price p over that of the anchor and a quote
 * reserve R (x·y = k, before fees).
 */
export function quietOf(
  base: Base & { price: number },
  seen: Seen,
  { end, length, blind }: { end: number; length: number; blind: readonly Blind[] },
  definition: Definition,
): Verdict | undefined {
  const since = seen.last === undefined ? base.ts : seen.lastAt
  if (seen.last !== undefined && end - since <= length * QUIET_SHARE) return undefined
  const { wentQuiet } = definition
  const reason = seen.last === undefined ? 'no-prices' : 'went-quiet'
  if (wentQuiet === 'unknown') return { quiet: 'unknown', reason }
  if (end - since - unseen(blind, since, end) <= length * QUIET_SHARE)
    return { quiet: 'unknown', reason: 'stream-silent' }
  if (wentQuiet === 'loss') return { quiet: 'loss', change: -1 }
  const reserve = seen.reserve === undefined ? base.reserve : seen.reserve
  if (reserve === undefined || reserve === null) return { quiet: 'unknown', reason }
  const size = base.isSol ? Number(definition.quietSize) / 1e9 : definition.quietSizeUsd
  const ratio = (seen.last ?? base.price) / base.price
  const share = reserve / (reserve + size * ratio)
  return { quiet: 'last', change: changeOf(1, ratio * share) }
}

/** Time within (from, until] in which the stream told nothing. */
function unseen(blind: readonly Blind[], from: number, until: number): number {
  let [sum, upTo] = [0, from]
  for (const [start, end] of blind) {
    const [a, b] = [Math.max(start, upTo), Math.min(end, until)]
    if (b <= a) continue
    sum += b - a
    upTo = b
  }
  return sum
}
