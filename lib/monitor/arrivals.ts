import type { Baseline } from '../alerts/baseline.ts'
import { makeRng } from '../base/rng.ts'
import type { ArrivalState } from './drift-state.ts'
import { binOf, capitalOf, startWatch, takeToken, type Watch } from './martingale.ts'

/** The first line of a token, with a column per number. */
export interface Arrival {
  mint: string
  ts: number
  [column: string]: unknown
}

/** A number that is watched: its place in the state and in the rows. */
interface WatchedNumber {
  key: string
  baseline: Baseline
  column: string
}

/**
 * The state after more tokens in order of time. Their draws come from their names, so the same
 * tokens give the same state; the one before stays as it is.
 */
export function takeArrivals(
  before: ArrivalState,
  rows: readonly Arrival[],
  numbers: readonly WatchedNumber[],
  { seed, limit }: { seed: string; limit: number },
): ArrivalState {
  const since = { ...before.since }
  const watches = { ...before.watches }
  for (const { key, baseline, column } of numbers) {
    if (baseline.rows === 0) continue
    const watch = Object.hasOwn(watches, key) ? copy(watches[key]!) : startWatch(baseline)
    watches[key] = watch
    for (const row of rows) {
      const draw = makeRng(`${seed}/${key}/${row.mint}`).next()
      takeToken(watch, binOf(baseline.edges, row[column] as number | null), draw, limit)
      if (capitalOf(watch) < limit) delete since[key]
      else since[key] ??= Number(row.ts)
    }
  }
  return { until: before.until, watches, since }
}

const copy = (watch: Watch): Watch => ({
  ...watch,
  bag: [...watch.bag],
  recent: [...watch.recent],
  staked: [...watch.staked],
})
