import type { HeadKind } from '../../autodiff/losses.ts'
import type { Tape, Value } from '../../autodiff/tape.ts'
import type { Parameter, Weights } from './weights.ts'

/**
 * What a network is built in: to train (static batch, parameters as inputs) or to serve (batch −1,
 * constants).
 */
export interface Scope {
  tape: Tape
  /** Rows, or −1 for a free number. */
  batch: number
  weights: Weights
  /**
   * Dropout (Srivastava et al. 2014) by a mask the host draws, of `shape` broadcast over x; x
   * itself when serving.
   */
  drop(x: Value, name: string, shape: readonly number[]): Value
}

/** An output of a network before its link function: a logit, or a standardised ln(1 + y). */
export interface Head {
  name: string
  kind: HeadKind
  /** Its share in the total loss. */
  weight: number
}

/** A prepared (scaled) tensor of each row that a network reads. */
export interface Input {
  name: string
  shape: readonly number[]
}

/** A network as data: what it reads, what it learns, and how both graphs are emitted. */
export interface Network {
  name: string
  inputs: readonly Input[]
  heads: readonly Head[]
  parameters: readonly Parameter[]
  /** Emits the forward pass and returns the outputs [batch, heads]. */
  forward(scope: Scope, inputs: ReadonlyMap<string, Value>): Value
}

/** Declares prepared inputs of `batch` rows in a graph. */
export function declareInputs(
  { tape, batch }: Scope,
  inputs: readonly Input[],
): Map<string, Value> {
  return new Map(
    inputs.map(({ name, shape }) => {
      const full = [batch, ...shape]
      const made = tape.graph.input(name, batch < 0 ? ['N', ...shape] : full)
      return [name, { name: made, shape: full, fixed: true }]
    }),
  )
}
