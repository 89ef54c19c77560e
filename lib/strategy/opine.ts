import type { Flags, Values } from '../base/flags.ts'
import type { Rec } from '../records/record.ts'
import { mergePart } from '../stream/line.ts'
import type { Step } from '../stream/step.ts'
import type { Opinion, Strategy, StrategyState } from './bar-strategy.ts'

/** Forgets a series that was quiet for longer than this (event time), looking once an hour. */
const QUIET_MS = 24 * 3_600_000
const SWEEP_MS = 3_600_000

interface Series {
  ts: number
  parts: { name: string; update: StrategyState['update'] }[]
}

/**
 * The step of `strategy`: each series (pool or mint, and bar length) has its own state of each
 * strategy; a closed bar gets the opinions of those that are warm. A bar that is not newer than the
 * last one of its series is passed on unseen. At most `maxSeries` are remembered; beyond, the one
 * seen first goes. `flags` are those of the strategies together.
 */
export function makeOpine(
  strategies: readonly Strategy[],
  maxSeries: number,
  count: (what: string) => void,
  flags: Values<Flags> = {},
): Step {
  const series = new Map<string, Series>()
  const keyOf = makeKeys(maxSeries)
  let sweepAt = Number.NEGATIVE_INFINITY
  const forget = (key: string): void => {
    series.delete(key)
    count('evicted')
  }
  const sweep = (now: number): void => {
    sweepAt = now + SWEEP_MS
    for (const [key, { ts }] of series) if (now - ts > QUIET_MS) forget(key)
  }
  const start = (key: string): Series => {
    if (series.size >= maxSeries) forget(series.keys().next().value!)
    const parts = strategies.map(({ name, make }) => ({ name, update: make(flags).update }))
    const made = { ts: Number.NEGATIVE_INFINITY, parts }
    series.set(key, made)
    return made
  }
  return {
    setBack(now) {
      sweepAt = Number.NEGATIVE_INFINITY
      for (const [key, { ts }] of series) if (ts > now) forget(key)
    },
    line(line, emit) {
      const { rec } = line
      if (rec.ts >= sweepAt) sweep(rec.ts)
      if (rec.candle !== undefined && (rec.pool ?? rec.mint) !== undefined) {
        const key = keyOf((rec.pool ?? rec.mint)!, rec.candle.intervalMs)
        const opinions = opinionsOf(series.get(key) ?? start(key), rec, rec.candle)
        if (opinions !== undefined && rec.warm !== true) mergePart(line, 'strategy', opinions)
      }
      emit(line)
    },
  }
}

/**
 * Keys of series, the newest of each market remembered: a key made anew for each bar would be
 * hashed anew.
 */
function makeKeys(most: number): (market: string, intervalMs: number) => string {
  const known = new Map<string, { intervalMs: number; key: string }>()
  return (market, intervalMs) => {
    const found = known.get(market)
    if (found?.intervalMs === intervalMs) return found.key
    if (known.size >= most) known.clear()
    const key = `${market} ${intervalMs}`
    known.set(market, { intervalMs, key })
    return key
  }
}

function opinionsOf(
  state: Series,
  rec: Rec,
  candle: NonNullable<Rec['candle']>,
): Record<string, Opinion> | undefined {
  if (rec.ts <= state.ts) return undefined
  state.ts = rec.ts
  let found: Record<string, Opinion> | undefined
  for (const { name, update } of state.parts) {
    const opinion = update(candle, rec.ts)
    if (opinion !== undefined) (found ??= {})[name] = opinion
  }
  return found
}
