/** A linear model of log odds with the state of its adaptive rate. */
export interface Weights {
  /** One per input: bias, log odds of the foundation, then the scaled features. */
  w: number[]
  /** Sum of squared gradients per input (Adagrad: Duchi, Hazan & Singer 2011). */
  squares: number[]
}

const RATE = 0.05
/** Pull back to the foundation per row, so that what is no longer supported fades. */
const DECAY = 1e-4

/** Before it has learned anything it says what the foundation says. */
export const startWeights = (inputs: number): Weights => ({
  w: Array.from({ length: inputs }, (_, k) => (k === 1 ? 1 : 0)),
  squares: Array(inputs).fill(0),
})

/** Probability of a row of inputs. */
export function probabilityOf({ w }: Weights, x: readonly number[]): number {
  let z = 0
  for (let k = 0; k < w.length; k++) z += w[k]! * x[k]!
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z))
}

/**
 * The weights after one row, by a step of logistic loss with a rate that falls per input. The given
 * ones stay.
 */
export function learnRow(weights: Weights, x: readonly number[], label: number): Weights {
  const error = probabilityOf(weights, x) - label
  const start = startWeights(x.length).w
  const gradient = x.map((value, k) => error * value + DECAY * (weights.w[k]! - start[k]!))
  const squares = gradient.map((g, k) => weights.squares[k]! + g * g)
  const w = gradient.map(
    (g, k) => weights.w[k]! - (g === 0 ? 0 : (RATE * g) / Math.sqrt(squares[k]!)),
  )
  return { w, squares }
}
