import { encodeModel } from '../onnx/encode.ts'
import { type Graph, makeGraph } from '../onnx/graph.ts'
import type { Group, Preparation, Scaler, Scalers } from './preparation.ts'
import { emitUnit } from './preparation.ts'
import { declareRaw, runRows, type Tensors } from './prepare.ts'

/**
 * How far each row lies from the training rows, [N, 1]: root mean square of its known columns in standard deviations, cut
 * at ±10. Every group counts the same, so that hundreds of bars do not drown a handful of features beside them.
 */
export function emitDistance(
  graph: Graph,
  groups: readonly Group[],
  scalers: Scalers,
  { made }: Pick<Preparation, 'made'>,
): string {
  const squares = groups.map(group => {
    const rank = (made.find(({ name }) => name === group.name)?.shape.length ?? 1) + 1
    return meanSquare(graph, group, scalers[group.name] as Scaler, rank)
  })
  const sum = squares.reduce((a, b) => graph.op('Add', [a, b]))
  const mean = graph.op('Mul', [sum, graph.scalar(1 / squares.length)])
  return graph.op('Reshape', [graph.op('Sqrt', [mean]), graph.ints([-1, 1])])
}

/** Mean square of the known columns of each row; 0 when none is known. */
function meanSquare(graph: Graph, group: Group, scaler: Scaler, rank: number): string {
  const { known, isUnknown } = emitUnit(graph, group, scaler)
  const axes = graph.ints(Array.from({ length: rank - 1 }, (_, k) => k + 1))
  const total = (name: string): string => graph.op('ReduceSum', [name, axes], { keepdims: 0 })
  const present = graph.op('Cast', [graph.op('Not', [isUnknown])], { to: 1 })
  const count = graph.op('Max', [total(present), graph.scalar(1)])
  return graph.op('Div', [total(graph.op('Mul', [known, known])), count])
}

/** 99th percentile of the distance of the given rows: what the served distance is told in. */
export async function fitReach(
  preparation: Preparation,
  scalers: Scalers,
  raw: Tensors,
  rows: readonly number[],
): Promise<number> {
  const graph = makeGraph('distance')
  declareRaw(graph, preparation)
  const out = graph.output(emitDistance(graph, preparation.emit(graph), scalers, preparation), ['N', 1])
  const all: number[] = []
  await runRows(encodeModel(graph), preparation.raw, raw, rows, found => void all.push(...(found[out] as Float32Array)))
  return Float64Array.from(all).sort()[Math.floor(0.99 * (all.length - 1))] ?? 0
}
