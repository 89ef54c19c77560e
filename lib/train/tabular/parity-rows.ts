import { makeRng } from '../../base/rng.ts'
import { divideTable, type PriceUnits } from '../../table/price-units.ts'
import type { Table } from '../../table/table.ts'

const ROWS = 8
/** Of ten numbers one is unknown, where the column has unknown ones. */
const UNKNOWN_SHARE = 0.1

/**
 * Rows to check a model file with anywhere, [8, columns] row-major: drawn between the smallest and
 * the largest known value of each column, never copied from the data. Prices are drawn relative to
 * the close.
 */
export function makeParityRows(
  table: Table,
  prices: PriceUnits | undefined,
  seed: string | number,
): Float32Array {
  const rng = makeRng(`parity/${seed}`)
  const relative = prices === undefined ? table : divideTable(table, prices)
  const ranges = relative.columns.map(rangeOf)
  const close = prices === undefined ? undefined : rangeOf(table.columns[prices.by]!)
  const out = new Float32Array(ROWS * ranges.length)
  for (let row = 0; row < ROWS; row++) {
    const price = close === undefined ? 1 : close.low + (close.high - close.low) * rng.next()
    for (const [f, { low, high, isPartial }] of ranges.entries()) {
      const value = low + (high - low) * rng.next()
      const unit = prices?.columns.includes(f) ? price : 1
      const isUnknown = rng.next() < UNKNOWN_SHARE && isPartial
      out[row * ranges.length + f] = isUnknown ? Number.NaN : value * unit
    }
  }
  return out
}

/** Smallest and largest finite value; both 0 where none is known. */
function rangeOf(column: Float32Array): { low: number; high: number; isPartial: boolean } {
  let [low, high, known] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
  for (const x of column) {
    if (!Number.isFinite(x)) continue
    low = Math.min(low, x)
    high = Math.max(high, x)
    known++
  }
  return known === 0
    ? { low: 0, high: 0, isPartial: true }
    : { low, high, isPartial: known < column.length }
}
