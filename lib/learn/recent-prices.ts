import { groupNumbers } from '../maths/confidence-interval.ts'
import { type Bundle, isCurrentHash } from '../model/bundle.ts'
import { makeInputReader } from '../model/input.ts'
import { quote } from '../store/duck/sql.ts'
import { query } from '../store/query/query.ts'
import { PRICE_HORIZONS } from '../train/networks/net/price-network.ts'
import { changesAhead, PRICE_INPUT } from '../train/networks/network-rows.ts'
import { barOf } from './rows/price-bar.ts'
import { feedOf, isRead, type RecentLine, readersOf } from './rows/recent-rows.ts'
import type { Labelled } from './rows/score-rows.ts'

/** Newest tokens of a day that are read, with a line for each change that came. */
const MOST = 1000

interface PriceLine extends RecentLine {
  first: boolean
}

/**
 * The newest lines of the home that a price model can be judged by: the first of each token and day
 * after which the close is known after each of its horizons, so that what counted once stays as it
 * was. What came is read from the windows of the later lines, as in training. Undefined where there
 * is none.
 */
export async function recentPrices(
  { home, horizon }: { home: string; horizon: string },
  bundles: readonly [Bundle, ...Bundle[]],
): Promise<Labelled | undefined> {
  const bar = barOf(bundles[0])
  const window = makeInputReader(PRICE_INPUT, isCurrentHash)
  const readers = new Map(bundles.map(bundle => [bundle, readersOf(bundle)]))
  const all = [window, ...[...readers.values()].flat()]
  const read: PriceLine[] = []
  for await (const rows of query({ home, sql: sqlFor(horizon, bar) }))
    for (const { mint, ts, price, first } of rows) {
      const features = { price } as RecentLine['features']
      const line = { mint, ts: Number(ts), label: 0, features, first } as PriceLine
      if (all.every(reader => isRead(reader, line))) read.push(line)
    }
  const changes = changesOf(read, bar)
  const width = PRICE_HORIZONS.length
  const isWhole = (i: number): boolean =>
    read[i]!.first && PRICE_HORIZONS.every((_, k) => !Number.isNaN(changes[i * width + k]!))
  const kept = [...read.keys()].filter(isWhole)
  if (kept.length === 0) return undefined
  const lines = kept.map(i => read[i]!)
  return {
    aim: 'numbers',
    time: Float64Array.from(lines, line => line.ts),
    labels: PRICE_HORIZONS.map((_, k) => Float64Array.from(kept, i => changes[i * width + k]!)),
    names: PRICE_HORIZONS.map(String),
    groups: groupNumbers(lines.map(line => line.mint)),
    others: [],
    newest: lines.at(-1)!.ts,
    feeds: (bundle, rows) =>
      (readers.get(bundle) ?? readersOf(bundle)).map((reader, k) =>
        feedOf(bundle.inputs[k]!.name, reader, lines, rows),
      ),
  }

  function changesOf(lines: readonly PriceLine[], barMs: number): Float32Array {
    const every = Int32Array.from(lines.keys())
    return changesAhead(
      {
        tensor: feedOf('window', window, lines, every).data,
        ts: Float64Array.from(lines, line => line.ts),
        mints: lines.map(line => line.mint),
        part: new Uint8Array(lines.length),
      },
      barMs,
    )
  }
}

/** SQL for the first lines of token and day that have all their later lines, and these. */
function sqlFor(horizon: string, bar: number): string {
  const steps = PRICE_HORIZONS.map(bars => `(${bars * bar})`).join(', ')
  return `WITH held AS (
      SELECT l.mint, l.ts, json_object('hash', f.hash, 'ready', true, 'window', f."window") AS price
      FROM ml_labels l
      JOIN label_features k ON k.id = l.id AND k.feature_set = 'price'
      JOIN features f ON f.id = k.features_id AND f.feature_set = 'price' AND f.journal = k.journal
      WHERE l.horizon = ${quote(horizon)} AND f."window" IS NOT NULL
      QUALIFY row_number() OVER (PARTITION BY l.mint, l.ts ORDER BY l.id) = 1
    ), steps(step) AS (VALUES ${steps}),
    whole AS (
      SELECT a.mint, a.ts FROM (SELECT mint, ts FROM held) a CROSS JOIN steps
      JOIN (SELECT mint, ts FROM held) b ON b.mint = a.mint AND b.ts = a.ts + step
      GROUP BY a.mint, a.ts HAVING count(*) = ${PRICE_HORIZONS.length}
    ), anchors AS (
      SELECT mint, ts FROM whole
      QUALIFY row_number() OVER (PARTITION BY mint, ts // 86400000 ORDER BY ts) = 1
      ORDER BY ts DESC, mint LIMIT ${MOST}
    ), wanted AS (
      SELECT mint, ts, true AS first FROM anchors
      UNION ALL SELECT mint, ts + step, false FROM anchors CROSS JOIN steps
    )
    SELECT h.mint, h.ts, h.price, bool_or(w.first) AS first FROM held h
    JOIN wanted w ON w.mint = h.mint AND w.ts = h.ts
    GROUP BY ALL ORDER BY h.ts, h.mint`
}
