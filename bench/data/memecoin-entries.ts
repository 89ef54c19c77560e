/**
 * Entries of a paper trader into Solana memecoins with their outcome.
 *
 *     node --import tsx bench/data/memecoin-entries.ts [paper_holdout_features.csv.gz] >
 *     entries.ndjson
 *     node --import tsx bench/data/memecoin-entries.ts FILE rows > rows.ndjson
 *
 * Default: a market line per entry with token and market parts (so that `features --sets tabular`
 * computes what it can) and a label. The label is what the trader's own exits made of it: `return`
 * over the stake, `profitable` = its win column, `reason` = its exit, `availableAt` = its exit; the
 * hour was not watched to its end, hence `censored`. `rows`: {id, ts, mint, values, label} with
 * every column known at entry under its own name.
 *
 * Left out of the parts: counts and volume (the window is not stated: 5 minutes or an hour), the
 * share of the top ten holders (it includes the pool). Left out everywhere: the trader's own rules
 * (strategy, profile, score_proxy) and columns that never vary (rugcheck_result, dev_holdings_pct).
 */
import { OUTCOMES, type Outcome } from '../../lib/records/prediction.ts'
import type { Rec } from '../../lib/records/record.ts'
import { inTime, main, readRows } from './stream.ts'

/** Row values known at entry: our name → column. Percentages stay percentages. */
const VALUES = {
  ageMinutes: 'age_minutes',
  marketCapUsd: 'mcap_usd',
  volumeUsd: 'volume_usd',
  buys: 'txns_buys',
  sells: 'txns_sells',
  buySellRatio: 'buy_sell_ratio',
  liquidityUsd: 'liquidity_usd',
  fdvUsd: 'fdv',
  priceChange5mPercent: 'price_change_5m',
  priceChange1hPercent: 'price_change_1h',
  top10WithPoolPercent: 'top10_holder_pct',
  volumeToMarketCap: 'vol_mcap_ratio',
  isPumpMint: 'mint_is_pump',
} as const

/**
 * Upper bounds of the outcome classes by return (RUG ≤ −0.8 < DECLINE ≤ −0.3 < DIP < −0.05 ≤ STABLE
 * ≤ 0.05 …).
 */
const CLASSES: [Outcome, (value: number) => boolean][] = [
  ['RUG', r => r <= -0.8],
  ['DECLINE', r => r <= -0.3],
  ['DIP', r => r < -0.05],
  ['STABLE', r => r <= 0.05],
  ['CLIMB', r => r <= 0.3],
  ['PUMP', r => r <= 1],
]

type Row = (column: string) => string
const number = (row: Row, column: string): number | undefined =>
  row(column) === '' ? undefined : Number(row(column))

export async function* convert(
  path: string,
  note: (text: string) => void,
  words: readonly string[] = [],
): AsyncGenerator<unknown> {
  const rows: Row[] = []
  for await (const row of readRows(path)) rows.push(row)
  note(`${rows.length} entries, ${rows.filter(row => row('win') === '1').length} wins`)
  if (words.includes('rows')) yield* rows.map(rowOf).sort((a, b) => a.ts - b.ts)
  else yield* inTime(rows.map(recordOf))
}

const timeOf = (row: Row, column: string): number => Date.parse(row(column))
const returnOf = (row: Row): number =>
  Number(row('realized_pnl_sol')) / Number(row('amount_sol')) + 0

function rowOf(row: Row) {
  const values: Record<string, number> = {}
  for (const [name, column] of Object.entries(VALUES)) {
    const value = number(row, column)
    if (value !== undefined) values[name] = value
  }
  const label = {
    win: row('win') === '1',
    return: returnOf(row),
    reason: row('close_reason') || 'unknown',
  }
  const availableAt = timeOf(row, 'closed_at')
  return {
    id: row('position_id'),
    ts: timeOf(row, 'opened_at'),
    mint: row('mint_address'),
    values,
    label,
    availableAt,
  }
}

function recordOf(row: Row): Rec {
  const ts = timeOf(row, 'opened_at')
  const mint = row('mint_address')
  return {
    v: 1,
    id: `market:${mint}:entries:${ts}`,
    ts,
    kind: 'market',
    mint,
    source: 'entries',
    token: known({
      symbol: printable(row('ticker')),
      createdAt: Math.round(ts - Number(row('age_minutes')) * 60_000),
    }),
    market: {
      dex: row('mint_is_pump') === '1' ? 'pump.fun' : 'unknown',
      ...known({
        priceSol: positive(number(row, 'entry_price_sol')),
        liquidityUsd: number(row, 'liquidity_usd'),
        marketCapUsd: number(row, 'mcap_usd'),
        priceChange: known({
          m5: fraction(row, 'price_change_5m'),
          h1: fraction(row, 'price_change_1h'),
        }),
      }),
    },
    label: labelOf(row),
  }
}

function labelOf(row: Row): NonNullable<Rec['label']> {
  const value = Math.max(-1, returnOf(row))
  return {
    horizon: 'h1',
    ...known({ basePriceSol: positive(number(row, 'entry_price_sol')) }),
    return: value,
    profitable: row('win') === '1',
    outcome: CLASSES.find(([, holds]) => holds(value))?.[0] ?? OUTCOMES.at(-1)!,
    censored: true,
    reason: row('close_reason') || 'unknown',
    availableAt: timeOf(row, 'closed_at'),
  }
}

const fraction = (row: Row, column: string): number | undefined => {
  const percent = number(row, column)
  return percent === undefined ? undefined : percent / 100
}
/** A price of 0 was not seen. */
const positive = (value: number | undefined): number | undefined =>
  value === 0 ? undefined : value
const printable = (text: string): string | undefined =>
  text === '' ? undefined : text.replace(/[\u0000-\u001f\u007f]/g, '').slice(0, 64)

type Known<T> = { [K in keyof T]?: Exclude<T[K], undefined> }
const known = <T extends Record<string, unknown>>(fields: T): Known<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Known<T>

await main(
  import.meta.url,
  'solana-memecoin-entries-2026-08/paper_holdout_features.csv.gz',
  convert,
)
