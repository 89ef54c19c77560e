import type { FeatureSet } from '../../records/features.ts'
import { featureSet } from '../kit/feature-set.ts'
import type { StateTape } from '../kit/state-tape.ts'
import type { PoolState } from './pool-state.ts'
import { REGIMES, type Regime } from './pool-state.ts'

export const REGIME = featureSet({
  name: 'regime',
  kinds: ['market'],
  scope: 'market',
  isDefault: false,
  ready: '59–60 min, 11 snapshots',
  rows: `
pools@1 | count | 1 snapshot | all pools
  pools with a regime in the last hour
rugDumpShare@1 | fraction | 11 snapshots | all pools
  share of them that are rug-dump; a drained pool is one from its second snapshot on
moonMissionShare@1 | fraction | 11 snapshots | all pools
  share that are moon-mission
steadyClimbShare@1 | fraction | 11 snapshots | all pools
  share that are steady-climb
sidewaysChopShare@1 | fraction | 11 snapshots | all pools
  share that are sideways-chop`,
})

const MINUTE = 60_000
/** Minutes in which a pool counts after its last snapshot. */
const HOUR = 60

/** Shares of pools per regime over the last hour, over all tokens (scope: market). */
export interface MarketRegime {
  /** A pool’s snapshot: it leaves the place it had and counts where it is now. */
  note(state: PoolState, regime: Regime | undefined, ts: number): void
  features(): FeatureSet
  /** Starts the count anew at a time. */
  setBack(ts: number): void
  visit(tape: StateTape): void
}

/**
 * One bucket of counts per minute: a pool stands in the bucket of its last snapshot, buckets older
 * than an hour are emptied, so a snapshot costs the same whatever the number of pools. Time moves
 * with the newest snapshot. Ready once an hour has been watched since the beginning, or since an
 * hour in which no pool was seen: until then the shares are of a part of the market.
 */
export function makeMarketRegime(): MarketRegime {
  const kinds = REGIMES.length
  const buckets = new Float64Array(HOUR * kinds)
  const totals = new Float64Array(kinds)
  let minute = 0
  /** Minute since which no whole hour was silent. */
  let since = 0
  /** Minute in which time was set back: pools that stood anywhere before do not count. */
  let blind = 0

  const add = (at: number, kind: number, by: number): void => {
    const slot = (at % HOUR) * kinds + kind
    buckets[slot] = buckets[slot]! + by
    totals[kind] = totals[kind]! + by
  }
  const empty = (at: number): void => {
    for (let kind = 0; kind < kinds; kind++) add(at, kind, -buckets[(at % HOUR) * kinds + kind]!)
  }
  const advance = (to: number): void => {
    if (to - minute >= HOUR) since = to
    for (let at = Math.max(minute + 1, to - HOUR + 1); at <= to; at++) empty(at)
    minute = to
  }
  const isInside = (at: number): boolean => at > Math.max(minute - HOUR, blind) && at <= minute
  return {
    note: (state, regime, ts) => {
      const now = Math.floor(ts / MINUTE)
      if (now > minute) advance(now)
      if (state.regime > 0 && isInside(state.regimeMinute))
        add(state.regimeMinute, state.regime - 1, -1)
      state.regime = regime === undefined || !isInside(now) ? 0 : REGIMES.indexOf(regime) + 1
      state.regimeMinute = now
      if (state.regime > 0) add(now, state.regime - 1, 1)
    },
    features: () => setOf(totals, minute - since),
    setBack: ts => {
      buckets.fill(0)
      totals.fill(0)
      minute = since = blind = Math.floor(ts / MINUTE)
    },
    visit: tape => {
      tape.floats(buckets)
      tape.floats(totals)
      minute = tape.number(minute)
      since = tape.number(since)
      blind = tape.number(blind)
    },
  }
}

function setOf(totals: Float64Array, watched: number): FeatureSet {
  const pools = totals.reduce((sum, x) => sum + x, 0)
  const reason =
    watched < HOUR
      ? `needs ${HOUR} minutes, has watched ${watched}`
      : pools === 0
        ? 'no pool has a regime yet'
        : undefined
  return {
    hash: REGIME.hash,
    ready: reason === undefined,
    ...(reason !== undefined && { reason }),
    values: pools === 0 ? { pools } : { pools, ...sharesOf(totals, pools) },
  }
}

/** Share of the pools in each regime, in the order of REGIMES. */
const sharesOf = (totals: Float64Array, pools: number) => ({
  rugDumpShare: totals[0]! / pools,
  moonMissionShare: totals[1]! / pools,
  steadyClimbShare: totals[2]! / pools,
  sidewaysChopShare: totals[3]! / pools,
})
