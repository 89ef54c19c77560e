import { DataError } from '../base/errors.ts'

/** Numeric features by column, float32 as the serving graph reads them; NaN = unknown. */
export interface Table {
  names: readonly string[]
  rows: number
  columns: readonly Float32Array[]
}

/** The rows at the given positions, in that order. */
export function takeRows(table: Table, rows: Int32Array): Table {
  return {
    names: table.names,
    rows: rows.length,
    columns: table.columns.map(column => take(column, rows)),
  }
}

/** Elements of a typed array at the given positions, in that order. */
export function take<T extends Float32Array | Float64Array>(values: T, rows: Int32Array): T {
  const out = new (values.constructor as new (n: number) => T)(rows.length)
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i]!]!
  return out
}

/** Items at the given positions. */
export const takeBy = <T>(items: readonly T[], rows: readonly number[]): T[] =>
  rows.map(i => items[i] as T)

/** Row-major [rows, features], the layout of the graph's input. */
export function toMatrix(table: Table): Float32Array {
  const width = table.columns.length
  const out = new Float32Array(table.rows * width)
  table.columns.forEach((column, f) => {
    for (let i = 0; i < table.rows; i++) out[i * width + f] = column[i]!
  })
  return out
}

/**
 * Throws a DataError when a table cannot be trained on: no rows, no columns, columns of other
 * lengths than the label.
 */
export function checkTable(table: Table, label: Float64Array): void {
  if (table.columns.length === 0) throw new DataError('no feature columns to train on')
  if (table.rows === 0) throw new DataError('no rows to train on')
  if (label.length !== table.rows)
    throw new DataError(`${table.rows} rows but ${label.length} labels`, { field: 'label' })
  const bad = label.findIndex(value => !Number.isFinite(value))
  if (bad >= 0)
    throw new DataError(`row ${bad + 1} is ${label[bad]}; labels must be numbers`, {
      field: 'label',
    })
}

/** Throws a DataError when labels are not class numbers 0 … classes − 1, or all the same. */
export function checkClasses(label: Float64Array, classes: number): void {
  const bad = label.findIndex(value => !Number.isInteger(value) || value < 0 || value >= classes)
  if (bad >= 0)
    throw new DataError(
      `row ${bad + 1} is ${label[bad]}, expected a class from 0 to ${classes - 1}`,
      {
        field: 'label',
      },
    )
  if (label.every(value => value === label[0]))
    throw new DataError(`all ${label.length} rows are ${label[0]}; two classes are needed`, {
      field: 'label',
    })
}
