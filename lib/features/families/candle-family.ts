import { file } from '../../base/flags.ts'
import { ABSURD, JUMP } from '../../market/bar.ts'
import type { Candle } from '../../records/candle.ts'
import type { Rec } from '../../records/record.ts'
import {
  type Entries,
  type FeatureFamily,
  type FeatureOptions,
  isDue,
  type Known,
  type TokenState,
} from '../kit/family.ts'
import type { FeatureSetDefinition } from '../kit/feature-set.ts'
import type { StateTape } from '../kit/state-tape.ts'
import type { Facts } from '../kit/token-facts.ts'
import { makePrice, PRICE } from './price-family.ts'
import { type BarSet, makeSequence, SEQUENCE } from './sequence-family.ts'
import { type Garch, makeVolatility, VOLATILITY } from './volatility-family.ts'

/** Flags of the sets of bars. */
export const candleFlags = {
  garch: file('bundle.json of a volatility model: its parameters make garchSigma'),
}

export interface CandleOptions extends FeatureOptions {
  /** Absent = not known. */
  garch: Garch | undefined
}

/** Sets of bars, and what each keeps of a series. */
const BAR_SETS: [FeatureSetDefinition, (options: CandleOptions, facts: Facts) => BarSet][] = [
  [SEQUENCE, (_options, facts) => makeSequence(facts)],
  [PRICE, () => makePrice()],
  [VOLATILITY, ({ garch }) => makeVolatility(garch)],
]

/** Series (pool × interval) followed per token; one more pushes out the one first seen. */
const MAX_SERIES = 16

interface Series {
  sets: [name: string, BarSet][]
  bars: number
  lastOpenAt: number
  lastClose: number
  /** Close of a bar that jumped and was set aside; NaN when the last one was not. */
  asideClose: number
  emittedAt: number
}

/**
 * The sets read from closed candles: sequence, price, volatility. Each pool and interval is a
 * series of its own. A bar that opens before the last one, the same bar again, and one with a price
 * of 0 or an absurd number, or that cannot be, are counted and leave the state alone; so is one
 * whose close is a jump, until the next traded bar agrees with it: what `quality` calls bad is no
 * feature.
 */
function makeCandles(options: CandleOptions, facts: Facts): TokenState {
  const all = new Map<string, Series>()
  const seriesOf = (key: string): Series => {
    let series = all.get(key)
    if (series === undefined) {
      if (all.size === MAX_SERIES) all.delete(all.keys().next().value!)
      series = makeSeries(options, facts)
      all.set(key, series)
    }
    return series
  }
  return {
    see: (rec, entries) => {
      const { candle } = rec
      if (rec.kind !== 'candle' || candle === undefined) return
      const series = seriesOf(`${candle.intervalMs} ${rec.pool ?? ''}`)
      if (accept(series, candle, rec, options)) emit(series, rec, candle, entries, options)
    },
    visit: tape => {
      const keys = [...all.keys()]
      const size = tape.number(keys.length)
      for (let i = 0; i < size; i++) visitSeries(tape, seriesOf(tape.text(keys[i]) ?? ''))
    },
  }
}

function makeSeries(options: CandleOptions, facts: Facts): Series {
  const sets = BAR_SETS.filter(([{ name }]) => options.sets.includes(name)).map(
    ([{ name }, make]): [string, BarSet] => [name, make(options, facts)],
  )
  const never = Number.NEGATIVE_INFINITY
  return {
    sets,
    bars: 0,
    lastOpenAt: never,
    lastClose: Number.NaN,
    asideClose: Number.NaN,
    emittedAt: never,
  }
}

/** The sets read from closed candles. */
export const candleFamily = {
  sets: [SEQUENCE, PRICE, VOLATILITY],
  flags: candleFlags,
  make: (options: CandleOptions, { facts }: Known) => makeCandles(options, facts),
} as const satisfies FeatureFamily<CandleOptions>

function accept(series: Series, candle: Candle, rec: Rec, { count }: FeatureOptions): boolean {
  const why =
    candle.openAt === series.lastOpenAt
      ? 'duplicate'
      : candle.openAt < series.lastOpenAt
        ? 'late'
        : !isUsable(candle)
          ? 'unusable'
          : isJump(series, candle, rec)
            ? 'jump'
            : undefined
  if (why !== undefined) {
    count(why)
    if (why === 'jump' && candle.filled !== true) series.asideClose = candle.close
    return false
  }
  series.asideClose = Number.NaN
  if (series.bars > 0 && candle.openAt - series.lastOpenAt > candle.intervalMs)
    count('candle after a gap')
  const logReturn = series.bars === 0 ? undefined : Math.log(candle.close / series.lastClose)
  series.bars++
  series.lastOpenAt = candle.openAt
  series.lastClose = candle.close
  for (const [, set] of series.sets) set.update(candle, logReturn, rec.ts)
  return true
}

function isUsable({ open, high, low, close, volume }: Candle): boolean {
  const isPrice = (x: number): boolean => x > 0 && x < ABSURD
  return (
    isPrice(open) &&
    isPrice(high) &&
    isPrice(low) &&
    isPrice(close) &&
    low <= Math.min(open, close) &&
    high >= Math.max(open, close) &&
    volume < ABSURD
  )
}

const isFar = (price: number, last: number): boolean => price > last * JUMP || price * JUMP < last

/**
 * A close far from the last one, by its number or by the mark of `quality`. One that agrees with a
 * bar set aside is none: the price is there. A flat bar repeats a price and agrees with nothing.
 */
function isJump({ lastClose, asideClose, bars }: Series, candle: Candle, rec: Rec): boolean {
  const { close, filled } = candle
  const isMarked = rec.quality?.marks.includes('jump') === true
  if (bars === 0 || !(isMarked || isFar(close, lastClose))) return false
  return filled === true || Number.isNaN(asideClose) || isFar(close, asideClose)
}

function emit(
  series: Series,
  rec: Rec,
  candle: Candle,
  entries: Entries,
  { every }: FeatureOptions,
): void {
  if (!isDue(rec.ts, series.emittedAt, every)) return
  series.emittedAt = rec.ts
  if (rec.warm === true) return
  for (const [name, set] of series.sets) entries[name] = set.features(candle, series.bars, rec.ts)
}

function visitSeries(tape: StateTape, series: Series): void {
  series.bars = tape.number(series.bars)
  series.lastOpenAt = tape.number(series.lastOpenAt)
  series.lastClose = tape.number(series.lastClose)
  series.asideClose = tape.number(series.asideClose)
  series.emittedAt = tape.number(series.emittedAt)
  for (const [, set] of series.sets) set.visit(tape)
}
