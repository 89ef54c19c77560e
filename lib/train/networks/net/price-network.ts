import { relu } from '../../autodiff/elementwise.ts'
import { last, transpose } from '../../autodiff/shape.ts'
import * as layer from './layers.ts'
import type { Network } from './network.ts'

/** Bars ahead that the price network forecasts. */
export const PRICE_HORIZONS = [5, 10, 15, 30] as const

export interface PriceSizes {
  recurrent: number
  dense: number
}
export const PRICE_SIZES: PriceSizes = { recurrent: 64, dense: 32 }

const FORWARD = ['f']

/**
 * LSTM over 60 closed candles of 10 features; its last state → relative change after each horizon.
 * Reads `window` [T, F].
 */
export function priceNetwork(
  [steps, features]: readonly [number, number],
  sizes: PriceSizes = PRICE_SIZES,
  horizons: readonly number[] = PRICE_HORIZONS,
): Network {
  return {
    name: 'price',
    heads: horizons.map(bars => ({
      name: String(bars),
      kind: 'regression',
      weight: 1 / horizons.length,
    })),
    inputs: [{ name: 'window', shape: [steps, features] }],
    parameters: [
      ...layer.lstmParameters('memory', features, sizes.recurrent, FORWARD),
      ...layer.denseParameters('dense', sizes.recurrent, sizes.dense),
      ...layer.denseParameters('heads', sizes.dense, horizons.length),
    ],
    forward(scope, inputs) {
      const { tape, batch } = scope
      const x = transpose(tape, inputs.get('window')!, [1, 0, 2])
      const state = last(tape, layer.recurrent(scope, x, 'memory', FORWARD), 0)
      const kept = scope.drop(state, 'state', [batch, sizes.recurrent])
      return layer.dense(scope, relu(tape, layer.dense(scope, kept, 'dense')), 'heads')
    },
  }
}
