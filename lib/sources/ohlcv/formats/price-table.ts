export type Currency = 'sol' | 'usd'

/** One row of a table, whatever the file is written in. */
export interface RawRow {
  /** Line of a text, place in a list from 1, or row of a table from 1. */
  no: number
  /** The row as text, for messages and rejects. */
  raw: string
  /** Its cells; absent where they are split off `raw` when they are wanted. */
  fields?: readonly string[]
}

/** A file of bars as a table of texts: what is left of its format once it is recognised. */
export interface PriceTable {
  /** What it is, for people: `freqtrade JSON`. */
  format: string
  /** Names of the columns, made up where the file has none. */
  header: readonly string[]
  /** Line of the header in a text. */
  line?: number
  /** Whether the names are ours: columns may then be named by position. */
  isHeaderless?: boolean
  /** The first row, to tell columns by what is in them. */
  first?: readonly string[] | undefined
  /** What the file as a whole says of its bars. */
  symbol?: string | undefined
  currency?: Currency | undefined
  split?(raw: string): string[]
  rows: AsyncIterable<readonly RawRow[]>
}

/** Columns of the official klines of Binance, which have no header row. */
export const KLINES = [
  'open_time',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'close_time',
  'quote_volume',
  'count',
  'taker_buy_volume',
  'taker_buy_quote_volume',
  'ignore',
] as const
export const BARS = ['timestamp', 'open', 'high', 'low', 'close', 'volume'] as const

/** Rows in batches of a usual size. */
export async function* inBatches(rows: Iterable<RawRow>): AsyncGenerator<RawRow[]> {
  let batch: RawRow[] = []
  for (const row of rows) {
    if (batch.push(row) < 4096) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
