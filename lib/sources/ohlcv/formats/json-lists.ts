import { BARS, inBatches, KLINES, type PriceTable, type RawRow } from './price-table.ts'

interface About {
  name?: string
  symbol?: string | undefined
  /** Volume is money: it becomes tokens at the typical price, (high + low + close) / 3. */
  inMoney?: boolean
}

/** Orders of the five numbers behind the time, as [open, high, low, close] by position. */
const ORDERS = [
  { name: '', places: [1, 2, 3, 4] },
  // Coinbase: low, high, open, close.
  { name: 'Coinbase', places: [3, 2, 1, 4] },
  // Bitfinex and KuCoin: open, close, high, low.
  { name: 'Bitfinex', places: [1, 3, 4, 2] },
] as const

/**
 * A list of lists as a table: time first; which number is which is told by the one order in which
 * low ≤ open, close ≤ high holds in nearly every row, the usual one where several do. Numbers keep
 * the digits that JSON gave them.
 */
export function listTable(
  rows: readonly unknown[][],
  { name, symbol, inMoney }: About,
): PriceTable {
  const head = rows.find(Array.isArray)!
  const width = head.length
  const order = ORDERS.find(({ places }) => fits(rows, places)) ?? ORDERS[0]
  const [open, high, low, close] = order.places
  // Kraken puts a mean price before the volume, then the count of trades.
  const isKraken = width === 8
  const places = [0, open, high, low, close, isKraken ? 6 : 5]
  const hasCount = isKraken || width === KLINES.length
  if (hasCount) places.push(isKraken ? 7 : KLINES.indexOf('count'))
  const cells = (row: readonly unknown[]): string[] => places.map(at => String(row[at] ?? ''))
  const read = inMoney ? (row: readonly unknown[]) => inTokens(cells(row)) : cells
  const table = function* (): Generator<RawRow> {
    for (const [i, row] of rows.entries())
      yield {
        no: i + 1,
        raw: JSON.stringify(row),
        fields: Array.isArray(row) ? read(row) : [],
      }
  }
  const usual = width === KLINES.length ? 'Binance' : isKraken ? 'Kraken' : 'freqtrade'
  return {
    format: `${name ?? (order.name || usual)} JSON`,
    header: hasCount ? [...BARS, 'trades'] : BARS,
    first: read(head),
    symbol,
    currency: inMoney ? 'usd' : undefined,
    rows: inBatches(table()),
  }
}

/** Share of rows that must be possible bars in an order: single rows may be bad in any file. */
const MOST = 0.9

function fits(rows: readonly unknown[][], places: readonly number[]): boolean {
  let good = 0
  for (const row of rows) {
    const [open, high, low, close] = places.map(at => Number(row?.[at])) as [
      number,
      number,
      number,
      number,
    ]
    if (low <= Math.min(open, close) && high >= Math.max(open, close)) good++
  }
  return good >= rows.length * MOST
}

/** Text that is no number stays, and is refused as such. */
function inTokens(cells: string[]): string[] {
  const [, , high, low, close, volume] = cells.map(Number)
  const tokens = volume! / ((high! + low! + close!) / 3)
  if (Number.isFinite(tokens)) cells[5] = String(tokens)
  return cells
}
