import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeRng } from '../../../lib/base/rng.ts'
import { openDuck } from '../../../lib/store/duck/duck.ts'

export const BAR = 300_000
const START = 1_700_000_000_000 - (1_700_000_000_000 % BAR)

/** One row of an export with the sets `sequence` and `price`. */
interface Row {
  ts: number
  mint: string
  candles: number[]
  window: number[]
  values: Record<string, number>
  labels: Record<string, number | boolean>
}

/**
 * Bars of a random walk whose drift changes sign now and then; the label says whether the next bars
 * rose.
 */
export function walkRows(bars: number, mint = 'm0', seed = 'export'): Row[] {
  const rng = makeRng(`${seed}/${mint}`)
  const closes = [1]
  let drift = 0.01
  for (let k = 1; k < bars + 120; k++) {
    if (rng.next() < 0.03) drift = -drift
    closes.push(closes[k - 1]! * Math.exp(drift + 0.004 * rng.normal()))
  }
  const candle = (k: number): number[] => {
    const [open, close] = [closes[k - 1]!, closes[k]!]
    return [
      open,
      1.002 * Math.max(open, close),
      0.998 * Math.min(open, close),
      close,
      100 * (1 + (k % 7)),
    ]
  }
  return Array.from({ length: bars }, (_, n) => {
    const last = n + 105
    const recent = (count: number): number[] =>
      Array.from({ length: count }, (_, j) => last - count + 1 + j)
    const change = closes[last + 5]! / closes[last]! - 1
    return {
      ts: START + last * BAR,
      mint,
      candles: recent(100).flatMap(candle),
      window: recent(60).flatMap(k => [closes[k]! / closes[k - 1]! - 1, ...Array(9).fill(k % 3)]),
      values: { rsi14: 50 + 10 * rng.normal(), ema12: closes[last]!, trades: 10 + rng.below(90) },
      labels: { profitable: change > 0, maxProfit: Math.max(0, change) },
    }
  })
}

/**
 * Writes a folder as train-export --tensors does: the rows in order of time, 70 % train, 15 %
 * valid, 15 % test.
 */
export async function writeExport(dir: string, rows: readonly Row[]): Promise<void> {
  const sorted = [...rows].sort((a, b) => a.ts - b.ts)
  const cuts = [0, 0.7, 0.85, 1].map(share => Math.round(share * sorted.length))
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'manifest.json'), '{}')
  const duck = await openDuck(':memory:')
  for (const [k, part] of ['train', 'valid', 'test'].entries()) {
    const lines = sorted
      .slice(cuts[k], cuts[k + 1])
      .map(({ ts, mint, candles, window, values, labels }) =>
        JSON.stringify({
          id: `candle:${mint}:5m:${ts}`,
          mint,
          ts,
          horizon: 'h1',
          availableAt: ts + 3_600_000,
          censored: false,
          ...labels,
          rug: false,
          ...Object.fromEntries(
            Object.entries(values).map(([name, value]) => [`sequence.${name}`, value]),
          ),
          'sequence.candles': candles,
          'price.window': window,
        }),
      )
    const file = join(dir, `${part}.ndjson`)
    writeFileSync(file, lines.join('\n'))
    await duck.run(`COPY (SELECT * REPLACE ("sequence.candles"::FLOAT[] AS "sequence.candles",
      "price.window"::FLOAT[] AS "price.window")
      FROM read_json('${file}')) TO '${join(dir, `${part}.parquet`)}' (FORMAT parquet)`)
  }
  duck.close()
}
