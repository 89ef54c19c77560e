import type { Baseline } from '../alerts/baseline.ts'
import { BETS, CELLS } from './bets.ts'

/** What is known of one number after the tokens so far; plain data, kept on disk. */
export interface Watch {
  /** Tokens per bin of the reference, unknown ones last, and all live ones since. */
  bag: number[]
  /** Live tokens taken in. */
  tokens: number
  /** Shares of the bins among the newest tokens, weighted by age: a token weighs 1/64. */
  recent: number[]
  /** Capital of each bet, and what has not been staked yet, in units of the start. */
  staked: number[]
  idle: number
}

/** Tokens after which half of the capital is staked: changes are awaited early and late. */
const PATIENCE = 100
/** Newest tokens that say how large a drift is. */
const RECENT = 64
/** Capital beyond this multiple of the limit is given away, so that an end of drift is seen. */
const MOST_OVER = 1e4

/** The start: a reference and nothing seen. */
export function startWatch({ rows, shares, missingShare }: Baseline): Watch {
  const bag = [...shares, missingShare].map(share => Math.round(share * rows))
  const recent = bag.map(() => 0)
  return { bag, tokens: 0, recent, staked: BETS.map(() => 0), idle: 1 }
}

/** What the start has grown to: at most 1/α with chance 1 − α for ever, while there is no drift. */
export const capitalOf = ({ idle, staked }: Watch): number =>
  staked.reduce((sum, each) => sum + each, idle)

/**
 * Takes one more token in, whose value is in `bin` (the last is unknown); `u` is a uniform draw of
 * its own. `limit` is the capital that is an alarm.
 *
 * A conformal test martingale (Vovk, Gammerman & Shafer, Algorithmic Learning in a Random World,
 * 2nd ed., §8): the place of the token among all so far, ties broken by `u`, is uniform and
 * independent of the places before while tokens of training and live are exchangeable, whatever
 * their law. So capital that is bet on it in fair bets passes 1/α with chance at most α, however
 * often somebody looks and for ever (Ville’s inequality). What is not staked waits for a change
 * that comes later: a part 1/(tokens + 100) of it is staked with each token, evenly on all bets.
 */
export function takeToken(watch: Watch, bin: number, u: number, limit: number): void {
  const { bag, staked } = watch
  let below = 0
  for (let k = 0; k < bin; k++) below += bag[k]!
  const ties = bag[bin]! + 1
  let all = 1
  for (const count of bag) all += count
  const cell = Math.min(CELLS - 1, Math.floor(((below + u * ties) / all) * CELLS))
  const stake = watch.idle / (watch.tokens + PATIENCE)
  watch.idle -= stake
  let capital = watch.idle
  for (let bet = 0; bet < staked.length; bet++) {
    staked[bet] = (staked[bet]! + stake / staked.length) * BETS[bet]![cell]!
    capital += staked[bet]!
  }
  watch.tokens++
  const weight = 1 / Math.min(watch.tokens, RECENT)
  for (let k = 0; k < bag.length; k++)
    watch.recent[k] = watch.recent[k]! * (1 - weight) + (k === bin ? weight : 0)
  // What has drifted must not become the reference: the alarm would end while the model is wrong.
  if (capital < limit) bag[bin] = ties
  const over = capital / (limit * MOST_OVER)
  if (over > 1) {
    watch.idle /= over
    for (let bet = 0; bet < staked.length; bet++) staked[bet]! /= over
  }
}

/** The bin of a value: that of the baseline, or the last for what is not finite. */
export function binOf(edges: readonly number[], value: number | null | undefined): number {
  if (value === null || value === undefined || !Number.isFinite(value)) return edges.length + 1
  const rounded = Math.fround(value)
  const bin = edges.findIndex(edge => rounded <= edge)
  return bin < 0 ? edges.length : bin
}
