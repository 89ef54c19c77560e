import { add, relu } from '../../autodiff/elementwise.ts'
import { concatLast, last, mean, transpose } from '../../autodiff/shape.ts'
import type { Value } from '../../autodiff/tape.ts'
import * as layer from './layers.ts'
import type { Head, Network, Scope } from './network.ts'
import type { Parameter } from './weights.ts'

/** The three questions asked of a window of candles. */
export const SEQUENCE_HEADS: readonly Head[] = [
  { name: 'profitable', kind: 'binary', weight: 1 },
  { name: 'maxProfit', kind: 'regression', weight: 0.5 },
  { name: 'rugRisk', kind: 'binary', weight: 1 },
]

/**
 * Units per layer. `recurrent` empty = attention only, on a projection of width `width` with
 * learned positions.
 */
export interface SequenceSizes {
  recurrent: readonly [] | readonly [number, number]
  width: number
  heads: number
  branch: number
  dense: number
}
export const SEQUENCE_SIZES = {
  full: { recurrent: [128, 64], width: 128, heads: 4, branch: 32, dense: 64 },
  small: { recurrent: [32, 32], width: 64, heads: 4, branch: 16, dense: 32 },
  attention: { recurrent: [], width: 64, heads: 4, branch: 16, dense: 32 },
} as const satisfies Record<string, SequenceSizes>
export type SequenceVariant = keyof typeof SEQUENCE_SIZES

interface SequenceShape {
  steps: number
  /** Prepared columns of context and indicators, missing flags included. */
  table: number
}

const CANDLE = 5
const BOTH = ['f', 'b']

/**
 * BiLSTM → LayerNorm → BiLSTM + projected residual → LayerNorm → multi-head attention → residual +
 * LayerNorm → mean and last step, beside a branch of context and indicators → heads. Reads `window`
 * [T, 5] and `table` [columns].
 */
export function sequenceNetwork(
  shape: SequenceShape,
  sizes: SequenceSizes,
  heads: readonly Head[] = SEQUENCE_HEADS,
): Network {
  const { width, branch } = sizes
  const trunk =
    sizes.recurrent.length === 2
      ? recurrentTrunk(sizes.recurrent)
      : projectedTrunk(width, shape.steps)
  return {
    name: 'sequence',
    heads,
    inputs: [
      { name: 'window', shape: [shape.steps, CANDLE] },
      { name: 'table', shape: [shape.table] },
    ],
    parameters: [
      ...trunk.parameters,
      ...layer.normParameters('before', width),
      ...layer.attentionParameters('attention', width),
      ...layer.normParameters('after', width),
      ...layer.denseParameters('branch', shape.table, branch),
      ...layer.denseParameters('dense', 2 * width + branch, sizes.dense),
      ...layer.denseParameters('heads', sizes.dense, heads.length),
    ],
    forward(scope, inputs) {
      const { tape, batch } = scope
      const steps = layer.norm(scope, trunk.forward(scope, inputs.get('window')!), 'before')
      const mixed = layer.norm(
        scope,
        add(tape, steps, layer.attend(scope, steps, 'attention', sizes.heads)),
        'after',
      )
      const aside = relu(tape, layer.dense(scope, inputs.get('table')!, 'branch'))
      const joined = concatLast(tape, [mean(tape, mixed, 1), last(tape, mixed, 1), aside])
      const kept = scope.drop(joined, 'joined', [batch, 2 * width + branch])
      return layer.dense(scope, relu(tape, layer.dense(scope, kept, 'dense')), 'heads')
    },
  }
}

interface Trunk {
  parameters: Parameter[]
  /** Window [B, T, 5] → [B, T, width]. */
  forward(scope: Scope, window: Value): Value
}

function recurrentTrunk([first, second]: readonly [number, number]): Trunk {
  return {
    parameters: [
      ...layer.lstmParameters('first', CANDLE, first, BOTH),
      ...layer.normParameters('between', 2 * first),
      ...layer.lstmParameters('second', 2 * first, second, BOTH),
      ...layer.denseParameters('residual', 2 * first, 2 * second),
    ],
    forward(scope, window) {
      const { tape, batch } = scope
      const x = transpose(tape, window, [1, 0, 2])
      const deep = layer.norm(scope, layer.recurrent(scope, x, 'first', BOTH), 'between')
      // One mask for all steps of a row: dropping anew at every step would erase the memory (Gal &
      // Ghahramani 2016).
      const kept = scope.drop(deep, 'deep', [1, batch, 2 * first])
      // What the second one adds to the first; its own norm follows (`before`).
      const both = add(
        tape,
        layer.recurrent(scope, kept, 'second', BOTH),
        layer.dense(scope, kept, 'residual'),
      )
      return transpose(tape, both, [1, 0, 2])
    },
  }
}

/**
 * Without recurrence the order of the steps is known only by a learned vector for each position.
 */
function projectedTrunk(width: number, steps: number): Trunk {
  return {
    parameters: [
      ...layer.denseParameters('project', CANDLE, width),
      { name: 'positions', shape: [steps, width], start: { bound: 0.1 } },
    ],
    forward: (scope, window) =>
      add(scope.tape, layer.dense(scope, window, 'project'), scope.weights.value('positions')),
  }
}
