import type { Rec } from '../records/record.ts'
import {
  ABSURD,
  marketSighting,
  type OpenBar,
  openBar,
  type Sighting,
  tradeSighting,
  widen,
} from './bar.ts'
import { intervalName, openOf } from './interval-name.ts'

const DAY = 86_400_000
/** Ids remembered per open bar to find duplicates; beyond it they are counted as unchecked. */
const MAX_IDS = 65_536

export interface CandleCounts {
  bars: number
  filled: number
  late: number
  duplicates: number
  /**
   * No price, no decimals, an impossible number, a price of 0 or one in another currency than the
   * bar’s.
   */
  unusable: number
  /** Gaps longer than `maxFill` bars: the series pauses and starts afresh with the next trade. */
  pauses: number
  restarts: number
  unchecked: number
  /** Trades whose price was bounded by the reserves of their pool. */
  bounded: number
}

interface CandleBuilder {
  /**
   * Takes a line of any kind; trades, market snapshots and ticks matter. Emits the bars that this
   * line closes.
   */
  push(rec: Rec, emit: (rec: Rec) => void): void
  /** Time is `ts` again: bars that began later were of a wrong time. */
  setBack(ts: number): void
  counts: CandleCounts
}

const noCounts = (): CandleCounts => ({
  bars: 0,
  filled: 0,
  late: 0,
  duplicates: 0,
  unusable: 0,
  pauses: 0,
  restarts: 0,
  unchecked: 0,
  bounded: 0,
})

interface Series {
  mint: string
  pool: string | undefined
  source: string
  currency: 'sol' | 'usd'
  decimals: number | undefined
  lastBase: string | undefined
  hasTrades: boolean
  /** The bar in the making; absent in an interval without a trade so far. */
  bar: OpenBar | undefined
  /** Start of the interval that is open now. */
  openAt: number
  lastClose: number
  fills: number
  paused: boolean
  ids: Set<string>
}

interface Rules {
  intervalMs: number
  maxFill: number
  /** `5m`, as in ids. */
  name: string
  counts: CandleCounts
}
type EmitRec = (rec: Rec) => void

/**
 * Closed candles of every pool from trades, or from snapshots where a pool has no trades, by event
 * time. Bars start at multiples of the interval (UTC); a trade at the very end belongs to the next
 * bar. A bar closes when a line of its own pool or a tick passes its end, so candles of a token
 * depend on lines of that token and ticks only. An interval without a trade becomes a flat bar with
 * volume 0 and `filled`, at most `maxFill` in a row; then the series pauses until the next trade. A
 * trade older than the open bar is late: counted, not used; one more than a day older means that
 * time was set back, and the series restarts.
 */
export function makeCandleBuilder(options: { intervalMs: number; maxFill: number }): CandleBuilder {
  const rules: Rules = { ...options, name: intervalName(options.intervalMs), counts: noCounts() }
  const all = new Map<string, Series>()
  let scannedAt = 0

  const tick = (rec: Rec, emit: EmitRec): void => {
    const openAt = openOf(rec.ts, rules.intervalMs)
    if (openAt === scannedAt) return
    scannedAt = openAt
    for (const [key, series] of all) {
      advance(series, rec, rules, emit)
      if (series.paused && series.openAt < rec.ts - DAY) all.delete(key)
    }
  }
  return {
    counts: rules.counts,
    setBack(ts) {
      scannedAt = 0
      for (const [key, { openAt }] of all)
        if (openAt > ts && all.delete(key)) rules.counts.restarts++
    },
    push: (rec, emit) => {
      if (rec.kind === 'tick') return tick(rec, emit)
      if (rec.mint === undefined || (rec.kind !== 'trade' && rec.kind !== 'market')) return
      const key = `${rec.mint} ${rec.pool ?? ''}`
      const known = all.get(key)
      const series = observe(known, rec, rec.mint, rules, emit)
      if (series !== undefined && series !== known) all.set(key, series)
    },
  }
}

/**
 * Takes a line into its series; gives back the series, a new one where it starts (again), none
 * where it cannot.
 */
function observe(
  known: Series | undefined,
  rec: Rec,
  mint: string,
  rules: Rules,
  emit: EmitRec,
): Series | undefined {
  const { counts, intervalMs } = rules
  const isRestart = known !== undefined && rec.ts < known.openAt - DAY
  if (isRestart) counts.restarts++
  else if (known !== undefined && rec.ts < known.openAt) {
    counts.late++
    return known
  }
  const old = isRestart ? undefined : known
  const seen = sighted(rec, old)
  if (seen === undefined) counts.unusable++
  if (seen?.isOdd) counts.bounded++
  if (old !== undefined) advance(old, rec, rules, emit)
  const series =
    old ?? (seen === undefined ? undefined : newSeries(rec, mint, seen, openOf(rec.ts, intervalMs)))
  if (series === undefined) return known
  note(series, rec)
  if (seen !== undefined && !isDuplicate(series, rec.id, counts))
    take(series, seen, rec, intervalMs)
  return series
}

/** Closes every bar that ends at or before the time of the line. */
function advance(series: Series, by: Rec, rules: Rules, emit: EmitRec): void {
  const { counts, intervalMs, maxFill } = rules
  while (!series.paused && series.openAt + intervalMs <= by.ts) {
    const { bar } = series
    if (bar === undefined && series.fills === maxFill) {
      series.paused = true
      counts.pauses++
      return
    }
    counts.bars++
    series.fills = bar === undefined ? series.fills + 1 : 0
    if (bar === undefined) counts.filled++
    emit(candleRec(series, bar ?? flatBar(series.openAt, series.lastClose), by, rules))
    series.lastClose = bar?.close ?? series.lastClose
    series.bar = undefined
    series.ids.clear()
    series.openAt += intervalMs
  }
}

/** A usable price of the line, in the currency of the series. */
function sighted(rec: Rec, series: Series | undefined): Sighting | undefined {
  const seen =
    rec.kind === 'trade'
      ? tradeSighting(rec, series?.decimals)
      : marketSighting(rec, series?.lastBase)
  const isUsable =
    seen !== undefined && seen.price > 0 && seen.price < ABSURD && seen.volume < ABSURD
  return isUsable && (series === undefined || series.currency === seen.currency) ? seen : undefined
}

function isDuplicate(series: Series, id: string, counts: CandleCounts): boolean {
  const isKnown = series.ids.has(id)
  if (isKnown) counts.duplicates++
  else if (series.ids.size < MAX_IDS) series.ids.add(id)
  else counts.unchecked++
  return isKnown
}

function take(series: Series, seen: Sighting, rec: Rec, intervalMs: number): void {
  if (!seen.fromTrade && series.hasTrades) return
  if (seen.fromTrade && !series.hasTrades) {
    series.hasTrades = true
    // What snapshots said of the volume so far includes these trades.
    if (series.bar !== undefined) series.bar.volume = 0
  }
  if (series.bar !== undefined) widen(series.bar, seen, rec.ts)
  else {
    series.paused = false
    series.openAt = openOf(rec.ts, intervalMs)
    series.bar = openBar(series.openAt, seen, rec.ts)
  }
}

/** Remembers what later lines of the pool leave out. */
function note(series: Series, rec: Rec): void {
  series.decimals = rec.trade?.baseDecimals ?? rec.market?.baseDecimals ?? series.decimals
  series.lastBase = rec.market?.baseAmount ?? series.lastBase
  series.source = rec.source
}

const newSeries = (rec: Rec, mint: string, seen: Sighting, openAt: number): Series => ({
  mint,
  pool: rec.pool,
  source: rec.source,
  currency: seen.currency,
  decimals: undefined,
  lastBase: undefined,
  hasTrades: false,
  bar: undefined,
  openAt,
  lastClose: seen.price,
  fills: 0,
  paused: false,
  ids: new Set(),
})

const flatBar = (openAt: number, price: number): OpenBar => ({
  openAt,
  open: price,
  high: price,
  low: price,
  close: price,
  volume: 0,
  trades: 0,
  firstAt: openAt,
  lastAt: openAt,
})

/** The line of a closed bar: its time is its close, also when it became known later. */
function candleRec(series: Series, bar: OpenBar, by: Rec, { intervalMs, name }: Rules): Rec {
  const { mint, pool, source, currency } = series
  const { openAt, open, high, low, close, volume, trades } = bar
  return {
    v: 1,
    id: `candle:${pool ?? mint}:${name}:${openAt}`,
    ts: openAt + intervalMs,
    kind: 'candle',
    mint,
    ...(pool === undefined ? {} : { pool }),
    source,
    ...(by.seenAt === undefined ? {} : { seenAt: by.seenAt }),
    ...(by.warm === true ? { warm: true } : {}),
    candle: {
      intervalMs,
      openAt,
      open,
      high,
      low,
      close,
      volume,
      currency,
      ...(series.hasTrades ? { trades } : {}),
      filled: bar !== series.bar,
    },
  }
}
