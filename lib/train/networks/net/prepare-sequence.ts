import { DataError } from '../../../base/errors.ts'
import type { Graph } from '../../../onnx/graph.ts'
import {
  emitCandles,
  emitLog,
  emitMissing,
  type Group,
  lastClose,
  type Preparation,
} from './preparation.ts'

/**
 * `price`: in units of the price, so divided by the last close; `log`: over orders of magnitude;
 * else as it is.
 */
export type Transform = 'price' | 'log' | 'plain'

const CANDLE = 5
const CONTEXT = 5

/**
 * Raw inputs `candles` [N, T, 5], `context` [N, 5] and `indicators` [N, K] → `window` [T, 5] and
 * `table` [2·(5 + K)]: context on a log scale, indicators by their transform, then one missing flag
 * for each.
 */
export function sequencePreparation(steps: number, transforms: readonly Transform[]): Preparation {
  const wide = CONTEXT + transforms.length
  return {
    raw: [
      { name: 'candles', shape: [steps, CANDLE] },
      { name: 'context', shape: [CONTEXT] },
      ...(transforms.length === 0 ? [] : [{ name: 'indicators', shape: [transforms.length] }]),
    ],
    made: [
      { name: 'window', shape: [steps, CANDLE] },
      { name: 'table', shape: [2 * wide] },
    ],
    columns: { window: CANDLE, table: wide },
    emit(graph) {
      const parts = [
        emitLog(graph, 'context', CONTEXT),
        ...(transforms.length === 0 ? [] : [emitIndicators(graph, steps, transforms)]),
      ]
      const raw = transforms.length === 0 ? ['context'] : ['context', 'indicators']
      const flags = raw.map(name => emitMissing(graph, name))
      const join = (names: string[]): string =>
        names.length === 1 ? names[0]! : graph.op('Concat', names, { axis: 1 })
      return [
        { name: 'window', columns: emitCandles(graph, 'candles', steps) },
        { name: 'table', columns: join(parts), flags: join(flags) },
      ]
    },
  }
}

function emitIndicators(graph: Graph, steps: number, transforms: readonly Transform[]): string {
  const of = (kind: Transform): string =>
    graph.bools(
      transforms.map(t => t === kind),
      [1, transforms.length],
    )
  const close = graph.op('Reshape', [lastClose(graph, 'candles', steps), graph.ints([-1, 1])])
  const relative = graph.op('Where', [
    of('price'),
    graph.op('Div', ['indicators', close]),
    'indicators',
  ])
  return graph.op('Where', [of('log'), emitLog(graph, 'indicators', transforms.length), relative])
}

/**
 * Raw input `window` [N, T, F] of features that carry no price level; unknown values become the
 * training mean.
 */
export function pricePreparation(steps: number, features: number): Preparation {
  return {
    raw: [{ name: 'candleFeatures', shape: [steps, features] }],
    made: [{ name: 'window', shape: [steps, features] }],
    columns: { window: features },
    emit: (): Group[] => [{ name: 'window', columns: 'candleFeatures' }],
  }
}

/** @throws DataError when a tensor does not have `rows` rows of `width` numbers. */
export function checkTensor(name: string, data: Float32Array, rows: number, width: number): void {
  if (data.length === rows * width) return
  throw new DataError(`${rows} rows of ${width} need ${rows * width} numbers, got ${data.length}`, {
    field: name,
  })
}
