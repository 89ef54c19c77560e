import type { Table } from './table.ts'

/**
 * Columns in units of price are divided by another column (the last close), so that a model sees
 * relations only.
 */
export interface PriceUnits {
  by: number
  columns: readonly number[]
}

/**
 * The same division as in the graph; columns that are not prices are shared with the given table.
 */
export function divideTable(table: Table, { by, columns }: PriceUnits): Table {
  const close = table.columns[by]!
  const scaled = new Set(columns)
  return {
    ...table,
    columns: table.columns.map((column, f) =>
      scaled.has(f) ? column.map((x, i) => x / close[i]!) : column,
    ),
  }
}
