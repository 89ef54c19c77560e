import { DataError } from '../../base/errors.ts'
import type { Ctx } from '../../cli/command.ts'
import { isTraded } from '../../market/candle-fill.ts'
import type { Candle } from '../../records/candle.ts'
import { openOhlcv } from '../../sources/ohlcv/ohlcv-source.ts'
import type { Detail } from '../trade-plan.ts'

/** Some 800 MB of bars; a year of minutes of a hundred tokens is 53 million. */
const MOST_BARS = 10_000_000

type Bars = { openAt: number; open: number; high: number; low: number }[]

/**
 * Reads finer candles of price tables into memory, by token and in order of time; bars in which
 * nobody traded say nothing and are left out. Says on stderr how many there are. Throws a DataError
 * for a bad row or more than 10 million bars.
 */
export async function readDetail(
  paths: readonly string[],
  { intake, log, signal }: Pick<Ctx, 'intake' | 'log' | 'signal'>,
): Promise<Detail> {
  const tokens = new Map<string, Bars>()
  const source = await openOhlcv({
    paths,
    intake,
    interval: undefined,
    tick: 0,
    columns: undefined,
    symbol: undefined,
    currency: undefined,
    count() {},
    warn: log.warn,
  })
  let count = 0
  try {
    for await (const batch of source.lines(signal))
      for (const { rec } of batch) {
        if (rec.candle === undefined || rec.mint === undefined || !isTraded(rec.candle)) continue
        if (++count > MOST_BARS)
          throw new DataError(`--detail: more than ${MOST_BARS} bars do not fit into memory`)
        take(tokens, rec.mint, rec.candle)
      }
  } finally {
    await source.close?.()
  }
  log.info(`--detail: ${count} bars of ${tokens.size} tokens`)
  return { within: (mint, from, until) => within(tokens.get(mint) ?? [], from, until) }
}

function take(tokens: Map<string, Bars>, mint: string, bar: Candle): void {
  const { openAt, open, high, low } = bar
  const known = tokens.get(mint)
  if (known === undefined) tokens.set(mint, [{ openAt, open, high, low }])
  else known.push({ openAt, open, high, low })
}

/** Bars that open in [from, until), found by halving. */
function within(bars: Bars, from: number, until: number): Bars {
  const firstAt = (time: number): number => {
    let [low, high] = [0, bars.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (bars[middle]!.openAt < time) low = middle + 1
      else high = middle
    }
    return low
  }
  return bars.slice(firstAt(from), firstAt(until))
}
