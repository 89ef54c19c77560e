/** Numerically safe 1/(1+e^−z). */
export const sigmoid = (z: number): number =>
  z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z))

export type Objective = 'binary' | 'multiclass' | 'regression'

/** Gradient and hessian of a loss in the raw scores, K columns of N. */
export interface Loss {
  /** Raw score columns: 1, or the number of classes. */
  outputs: number
  /** Best constant score per column. */
  base: Float64Array
  /** Fills gradient and hessian of column `k` from the raw scores. */
  gradients(
    raw: readonly Float64Array[],
    k: number,
    gradient: Float64Array,
    hessian: Float64Array,
  ): void
  /** Weighted mean loss. */
  mean(raw: readonly Float64Array[]): number
}

const EPSILON = 1e-15

/** Log loss of a 0/1 label; base = ln(p/(1−p)), g = w(p−y), h = w·p(1−p). */
export function binaryLoss(
  label: Float64Array,
  weight: Float64Array | undefined,
  base: number,
): Loss {
  return {
    outputs: 1,
    base: Float64Array.of(base),
    gradients(raw, _k, gradient, hessian) {
      const z = raw[0]!
      for (let i = 0; i < label.length; i++) {
        const p = sigmoid(z[i]!)
        const w = weight === undefined ? 1 : weight[i]!
        gradient[i] = w * (p - label[i]!)
        hessian[i] = w * p * (1 - p)
      }
    },
    mean: ([z]) =>
      weightedMean(label.length, weight, i => {
        const p = sigmoid(z![i]!)
        return -Math.log(Math.max(EPSILON, label[i] === 1 ? p : 1 - p))
      }),
  }
}

/** Half squared error; base = mean, g = w(z−y), h = w. */
export function squaredLoss(
  label: Float64Array,
  weight: Float64Array | undefined,
  base: number,
): Loss {
  return {
    outputs: 1,
    base: Float64Array.of(base),
    gradients(raw, _k, gradient, hessian) {
      const z = raw[0]!
      for (let i = 0; i < label.length; i++) {
        const w = weight === undefined ? 1 : weight[i]!
        gradient[i] = w * (z[i]! - label[i]!)
        hessian[i] = w
      }
    },
    mean: ([z]) => weightedMean(label.length, weight, i => 0.5 * (z![i]! - label[i]!) ** 2),
  }
}

/** Softmax cross-entropy over classes 0 … K−1; g = w(p−1[y=k]), h = w·p(1−p). */
export function softmaxLoss(
  label: Float64Array,
  weight: Float64Array | undefined,
  base: Float64Array,
): Loss {
  const outputs = base.length
  return {
    outputs,
    base,
    gradients(raw, k, gradient, hessian) {
      for (let i = 0; i < label.length; i++) {
        const p = softmaxAt(raw, i, k)
        const w = weight === undefined ? 1 : weight[i]!
        gradient[i] = w * (p - (label[i] === k ? 1 : 0))
        hessian[i] = w * p * (1 - p)
      }
    },
    mean: raw =>
      weightedMean(
        label.length,
        weight,
        i => -Math.log(Math.max(EPSILON, softmaxAt(raw, i, label[i]!))),
      ),
  }
}

function softmaxAt(raw: readonly Float64Array[], row: number, k: number): number {
  let top = Number.NEGATIVE_INFINITY
  for (const column of raw) top = Math.max(top, column[row]!)
  let sum = 0
  for (const column of raw) sum += Math.exp(column[row]! - top)
  return Math.exp(raw[k]![row]! - top) / sum
}

function weightedMean(
  rows: number,
  weight: Float64Array | undefined,
  of: (row: number) => number,
): number {
  let sum = 0
  let total = 0
  for (let i = 0; i < rows; i++) {
    const w = weight === undefined ? 1 : weight[i]!
    sum += w * of(i)
    total += w
  }
  return sum / total
}
