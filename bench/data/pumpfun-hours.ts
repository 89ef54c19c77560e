/**
 * One-hour candles of graduated pump.fun tokens (GeckoTerminal, USD) → token and candle lines with
 * ticks.
 *
 *     node --import tsx bench/data/pumpfun-hours.ts [gt_raw.json.gz] > hours.ndjson
 *
 * Hours without a trade are absent, as in the source. The source gives the volume in dollars; whole
 * tokens are that over the mean of open, high, low and close.
 */
import type { Rec } from '../../lib/records/record.ts'
import { inTime, main, readText } from './stream.ts'

const HOUR = 3_600_000
const SOURCE = 'geckoterminal'

interface Series {
  mint: string
  pool: string
  created: number
  supply: number
  ohlcv: [
    second: number,
    open: number,
    high: number,
    low: number,
    close: number,
    volumeUsd: number,
  ][]
}

export async function* convert(path: string, note: (text: string) => void): AsyncGenerator<Rec> {
  const all = Object.values(JSON.parse(await readText(path)) as Record<string, Series>)
  const records = all
    .filter(({ pool }) => pool)
    .flatMap(series => [tokenOf(series), ...candlesOf(series)])
  yield* inTime(records)
  note(`${records.filter(({ kind }) => kind === 'candle').length} candles of ${all.length} tokens`)
}

function tokenOf({ mint, pool, created, supply }: Series): Rec {
  const ts = created * 1000
  const token = {
    decimals: 6,
    supplyAmount: String(BigInt(Math.round(supply * 1e6))),
    launchpad: 'pump.fun',
  }
  return {
    v: 1,
    id: `token:${mint}:${SOURCE}:${ts}`,
    ts,
    kind: 'token',
    mint,
    pool,
    source: SOURCE,
    token,
  }
}

const candlesOf = ({ mint, pool, ohlcv }: Series): Rec[] =>
  ohlcv.map(([second, open, high, low, close, volumeUsd]) => {
    const openAt = second * 1000
    const volume = volumeUsd / ((open + high + low + close) / 4)
    return {
      v: 1,
      id: `candle:${pool}:1h:${openAt}`,
      ts: openAt + HOUR,
      kind: 'candle',
      mint,
      pool,
      source: SOURCE,
      candle: { intervalMs: HOUR, openAt, open, high, low, close, volume, currency: 'usd' },
    }
  })

await main(import.meta.url, 'pumpfun-2026-candles-swaps-labels/gt_raw.json.gz', convert)
