import type { Regime } from '../features/families/pool-state.ts'
import { makeSma } from '../indicators/sma.ts'
import type { Candle } from '../records/candle.ts'
import type { Rec } from '../records/record.ts'

/** A closed bar with what was computed on its line; what is unknown is absent. */
export interface ChartBar {
  candle: Candle
  /** Indicators of the set `sequence`. */
  indicators: Readonly<Record<string, number>>
  /** Bands at 2 σ over 20 closes, from the recorded width and the mean of the closes. */
  bands?: { middle: number; low: number; high: number }
  /** Snapshots of the pool per regime while the bar was open. */
  regimes: ReadonlyMap<Regime, number>
}

/** Bars of one pool and interval, oldest first. */
export interface ChartSeries {
  pool: string | undefined
  intervalMs: number
  bars: ChartBar[]
}

/** Series (pool × interval) kept; more is no token but an error. */
const MAX_SERIES = 16
const BANDS = 20

/**
 * Collects the last `most` bars of each series of a token from lines of features. Memory is bounded
 * by both limits.
 */
export function makeTokenHistory(mint: string, most: number) {
  const all = new Map<string, { series: ChartSeries; see(rec: Rec, candle: Candle): void }>()
  const regimes = new Map<string, Map<Regime, number>>()
  return {
    see: (rec: Rec): void => {
      if (rec.mint !== mint) return
      const regime = rec.kind === 'market' ? rec.features?.pool?.regime : undefined
      if (regime !== undefined) tally(regimes, rec.pool ?? '', regime as Regime)
      const { candle } = rec
      if (rec.kind !== 'candle' || candle === undefined) return
      const key = `${candle.intervalMs} ${rec.pool ?? ''}`
      let entry = all.get(key)
      if (entry === undefined && all.size < MAX_SERIES)
        all.set(key, (entry = makeSeries(rec, candle, most, regimes)))
      entry?.see(rec, candle)
    },
    /** The series with most bars, the first seen among equals. */
    longest: (): ChartSeries | undefined => {
      let best: ChartSeries | undefined
      for (const { series } of all.values())
        if (series.bars.length > (best?.bars.length ?? 0)) best = series
      return best
    },
  }
}

function tally(regimes: Map<string, Map<Regime, number>>, pool: string, regime: Regime): void {
  let counts = regimes.get(pool)
  if (counts === undefined) {
    if (regimes.size >= MAX_SERIES) return
    regimes.set(pool, (counts = new Map()))
  }
  counts.set(regime, (counts.get(regime) ?? 0) + 1)
}

function makeSeries(
  first: Rec,
  { intervalMs }: Candle,
  most: number,
  regimes: Map<string, Map<Regime, number>>,
) {
  const series: ChartSeries = { pool: first.pool, intervalMs, bars: [] }
  const middle = makeSma(BANDS)
  let openAt = Number.NEGATIVE_INFINITY
  return {
    series,
    see: (rec: Rec, candle: Candle): void => {
      // As the features have it: a late or repeated bar is no bar.
      if (candle.openAt <= openAt) return
      openAt = candle.openAt
      middle.update(candle.close)
      const indicators = rec.features?.sequence?.indicators ?? {}
      const bar: ChartBar = {
        candle,
        indicators,
        regimes: regimes.get(rec.pool ?? '') ?? new Map(),
      }
      regimes.delete(rec.pool ?? '')
      const [mean, width] = [middle.value(), indicators.bbWidth]
      if (mean !== undefined && width !== undefined)
        bar.bands = { middle: mean, low: mean * (1 - width / 2), high: mean * (1 + width / 2) }
      series.bars.push(bar)
      if (series.bars.length > most) series.bars.shift()
    },
  }
}
