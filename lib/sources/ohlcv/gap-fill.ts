import { DataError } from '../../base/errors.ts'
import { mostFlatBars } from '../../market/flat-bars.ts'
import type { IntervalOf } from './bar-interval.ts'
import type { Bar } from './price-row.ts'

/** What becomes of bars that are missing between others. */
export type Gaps = 'keep' | 'fill' | 'refuse'

interface Series {
  last: Bar
  /** Close of the next bar, should there be one. */
  due: number
  fills: number
}

interface GapOptions {
  gaps: Gaps
  intervalOf: IntervalOf
  /** Bars come in the order of their close, so that one instrument’s bar tells time to all. */
  isOrdered: boolean
  count(what: string, by?: number): void
}

/**
 * Puts in the bars without a trade that files leave out, as the live candle builder makes them:
 * flat at the last close, volume 0, marked, at most `mostFlatBars` in a row, then a pause until the
 * next bar. One is put in once a later bar of any instrument has closed, as a live one closes with
 * time and not because the token will trade again. Throws a DataError at the first gap where gaps
 * are refused.
 */
export async function* fillGaps(
  batches: AsyncIterable<Bar[]>,
  { gaps, intervalOf, isOrdered, count }: GapOptions,
): AsyncGenerator<Bar[]> {
  const told = countingRepeats(batches, count)
  if (gaps === 'keep') {
    yield* told
    return
  }
  const open = new Map<string, Series>()
  let now = Number.NEGATIVE_INFINITY
  let next = Number.POSITIVE_INFINITY
  for await (const bars of told) {
    const out: Bar[] = []
    for (const bar of bars) {
      const interval = intervalOf(bar.mint)
      const close = bar.openAt + interval
      const own = open.get(bar.mint)
      if (gaps === 'refuse') refuse(own, bar, interval)
      else if (isOrdered && close > now) {
        now = close
        if (next < now) next = fillUntil(now, open, intervalOf, out)
      } else if (!isOrdered && own !== undefined) fillOne(own, close, interval, out)
      if (own === undefined || bar.openAt >= own.last.openAt)
        open.set(bar.mint, { last: bar, due: close + interval, fills: 0 })
      next = Math.min(next, close + interval)
      out.push(bar)
    }
    const filled = out.length - bars.length
    if (filled > 0) count('filled', filled)
    if (out.length > 0) yield out
  }
}

/** Bars of one time and instrument that follow one another: each is passed on, and counted. */
async function* countingRepeats(
  batches: AsyncIterable<Bar[]>,
  count: GapOptions['count'],
): AsyncGenerator<Bar[]> {
  const newest = new Map<string, number>()
  for await (const bars of batches) {
    for (const { mint, openAt } of bars) {
      if (newest.get(mint) === openAt) count('repeated-bar')
      newest.set(mint, openAt)
    }
    yield bars
  }
}

/** Fills every series up to a time, in the order of close, then mint; returns what is due next. */
function fillUntil(
  now: number,
  open: Map<string, Series>,
  intervalOf: IntervalOf,
  out: Bar[],
): number {
  const flat: { due: number; bar: Bar }[] = []
  let next = Number.POSITIVE_INFINITY
  for (const [mint, series] of open) {
    const interval = intervalOf(mint)
    const most = mostFlatBars(interval)
    for (; series.due < now && series.fills < most; series.due += interval, series.fills++)
      flat.push({ due: series.due, bar: flatBar(series.last, series.due - interval) })
    // What pauses is filled no more; its next bar begins it anew.
    if (series.fills >= most) open.delete(mint)
    else next = Math.min(next, series.due)
  }
  flat.sort((a, b) => a.due - b.due || (a.bar.mint < b.bar.mint ? -1 : 1))
  for (const { bar } of flat) out.push(bar)
  return next
}

/** Fills one series up to the close of its next bar, where no other tells the time. */
function fillOne(series: Series, close: number, interval: number, out: Bar[]): void {
  const most = mostFlatBars(interval)
  for (; series.due < close && series.fills < most; series.due += interval, series.fills++)
    out.push(flatBar(series.last, series.due - interval))
}

function refuse(own: Series | undefined, bar: Bar, interval: number): void {
  const missing = own === undefined ? 0 : Math.round((bar.openAt - own.last.openAt) / interval) - 1
  if (missing > 0)
    throw new DataError(
      `${missing} bars of ${bar.mint} are missing before ` +
        `${new Date(bar.openAt).toISOString()}; --gaps fill puts flat ones in`,
    )
}

const flatBar = ({ mint, currency, close, trades }: Bar, openAt: number): Bar => ({
  mint,
  currency,
  openAt,
  open: close,
  high: close,
  low: close,
  close,
  volume: 0,
  trades: Number.isNaN(trades) ? trades : 0,
  isFilled: true,
})
