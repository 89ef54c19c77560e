import type { Unit } from './head-units.ts'
import type { Scaler } from './scalers/sklearn-scaler.ts'

/** How raw numbers become an input of the graph. */
export interface InputPlan {
  /** The input as the file calls it, and as the bundle does. */
  name: string
  feed: string
  /** TensorProto.DataType that the graph takes: float or double. */
  type: number
  /** Shape of one raw row, and which rows and columns of it are taken. */
  raw: readonly number[]
  rows?: readonly number[] | undefined
  columns?: readonly number[] | undefined
  /** Shape of one row as the graph takes it. */
  shape: readonly number[]
  scaler: Scaler | undefined
}

/** How a number of an output of the graph becomes a head. */
export interface HeadPlan {
  /** The value in the graph, and the output of the bundle. */
  value: string
  feed: string
  type: number
  column: number | undefined
  unit: Unit
}

/** All that is changed in a file of another program. */
export interface Edit {
  inputs: readonly InputPlan[]
  heads: readonly HeadPlan[]
  /** Rows that the graph takes at once where that is fixed; it is then run once for each row. */
  batch: number | undefined
}

/** Sides of a row once rows and columns have been picked. */
export function sidesOf({ raw, rows, columns }: Pick<InputPlan, 'raw' | 'rows' | 'columns'>) {
  const sides = [...raw]
  if (rows !== undefined) sides[0] = rows.length
  if (columns !== undefined) sides[sides.length - 1] = columns.length
  return sides
}
