import { DataError } from '../../base/errors.ts'
import { solve } from '../../maths/solve.ts'
import { checkTable, type Table } from '../../table/table.ts'
import type { Labelled } from '../trees/boost.ts'
import { sigmoid } from '../trees/tree-loss.ts'

/** How one column enters a linear model; these are nodes of the exported graph. */
interface Scaling {
  /** ln(1+x) first; for columns that never were negative and span more than two decades. */
  log: boolean
  /** Replaces unknown values. */
  mean: number
  /** Divides; 1 for a constant column. */
  deviation: number
  /** Adds a second input that is 1 where the value was unknown. */
  flag: boolean
}

export interface Logistic {
  scalings: readonly Scaling[]
  /** One per column, then one per flagged column in their order. */
  weights: Float32Array
  intercept: number
}

/**
 * Imputation, scaling and flags measured on the training rows. Infinite values count as unknown.
 */
function measure(table: Table, useLog = true): Scaling[] {
  return table.columns.map(column => {
    const known = Float64Array.from(column.filter(Number.isFinite))
    const log = useLog && needsLog(known)
    const values = log ? known.map(Math.log1p) : known
    const mean = values.length === 0 ? 0 : values.reduce((sum, x) => sum + x, 0) / values.length
    const variance =
      values.length === 0 ? 0 : values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length
    const deviation = variance > 1e-12 * mean * mean && variance > 0 ? Math.sqrt(variance) : 1
    return {
      log,
      mean: Math.fround(mean),
      deviation: Math.fround(deviation),
      flag: known.length < column.length,
    }
  })
}

function needsLog(known: Float64Array): boolean {
  let low = Number.POSITIVE_INFINITY
  let high = 0
  for (const x of known) {
    low = Math.min(low, x)
    high = Math.max(high, x)
  }
  return low >= 0 && high > 100
}

/** Inputs of the linear part for every row, column-major: scaled values, then flags. */
function scale(table: Table, scalings: readonly Scaling[]): Float64Array[] {
  const values = table.columns.map((column, f) => {
    const { log, mean, deviation } = scalings[f]!
    return Float64Array.from(column, x => {
      const moved = log ? Math.log(1 + Math.max(0, x)) : x
      return ((Number.isFinite(x) ? moved : mean) - mean) / deviation
    })
  })
  const flagged = table.columns.filter((_, f) => scalings[f]?.flag)
  const flags = flagged.map(column => Float64Array.from(column, x => (Number.isFinite(x) ? 0 : 1)))
  return [...values, ...flags]
}

/**
 * Logistic regression with an L2 penalty on the weights (not on the intercept), by Newton's method
 * (IRLS). Throws DataError for one class only.
 */
export function trainLogistic(
  train: Labelled,
  { l2 = 1, rounds = 50, useLog = true } = {},
): Logistic {
  checkTable(train.table, train.label)
  const ones = train.label.reduce((sum, y) => sum + (y === 1 ? 1 : 0), 0)
  if (ones === 0 || ones === train.label.length)
    throw new DataError(`all ${train.label.length} rows are of one class; two are needed`, {
      field: 'label',
    })
  const scalings = measure(train.table, useLog)
  const inputs = scale(train.table, scalings)
  const beta = new Float64Array(inputs.length + 1)
  for (let round = 0; round < rounds; round++) {
    const step = newtonStep(inputs, train, beta, l2)
    let largest = 0
    for (let j = 0; j < beta.length; j++) {
      beta[j] = beta[j]! - step[j]!
      largest = Math.max(largest, Math.abs(step[j]!))
    }
    if (largest < 1e-8) break
  }
  const weights = Float32Array.from(beta.subarray(0, inputs.length))
  return { scalings, weights, intercept: Math.fround(beta[inputs.length]!) }
}

/** Log odds per row as the exported graph computes them, rounded to float32 like its output. */
export function rawLogistic(model: Logistic, table: Table): Float64Array {
  const inputs = scale(table, model.scalings)
  const out = new Float64Array(table.rows).fill(model.intercept)
  inputs.forEach((column, j) => {
    const weight = model.weights[j]!
    for (let i = 0; i < out.length; i++) out[i] = out[i]! + column[i]! * weight
  })
  return out.map(Math.fround)
}

/** H⁻¹g of the penalised log loss at β; the last coordinate is the intercept. */
function newtonStep(
  inputs: readonly Float64Array[],
  train: Labelled,
  beta: Float64Array,
  l2: number,
): Float64Array {
  const n = beta.length
  const gradient = new Float64Array(n)
  const hessian = Array.from({ length: n }, () => new Float64Array(n))
  const x = new Float64Array(n).fill(1)
  for (let i = 0; i < train.label.length; i++) {
    let z = beta[n - 1]!
    inputs.forEach((column, j) => {
      x[j] = column[i]!
      z += x[j]! * beta[j]!
    })
    const w = train.weight?.[i] ?? 1
    const p = sigmoid(z)
    const error = w * (p - train.label[i]!)
    const curvature = Math.max(w * p * (1 - p), 1e-12)
    for (let j = 0; j < n; j++) {
      const row = hessian[j]!
      const scaled = curvature * x[j]!
      gradient[j] = gradient[j]! + error * x[j]!
      for (let k = 0; k <= j; k++) row[k] = row[k]! + scaled * x[k]!
    }
  }
  for (let j = 0; j < n; j++) {
    const ridge = j < n - 1 ? l2 : 1e-9
    gradient[j] = gradient[j]! + ridge * beta[j]!
    hessian[j]![j] = hessian[j]![j]! + ridge
  }
  return solve(hessian, gradient)
}
