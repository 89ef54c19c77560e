import { encodeModel } from '../../../onnx/encode-model.ts'
import { type Graph, makeGraph } from '../../../onnx/graph.ts'
import type { Group, Preparation, Scaler, Scalers } from './preparation.ts'
import { emitUnit } from './preparation.ts'
import { declareRaw, runRows, type Tensors } from './prepare-rows.ts'

/**
 * How far each row lies from the training rows, [N, 1]: root mean square of its known columns in
 * standard deviations, cut at ±10. Every group counts the same, so that hundreds of bars do not
 * drown a handful of features beside them.
 */
export function emitDistance(
  graph: Graph,
  groups: readonly Group[],
  scalers: Scalers,
  { made }: Pick<Preparation, 'made'>,
): string {
  const squares = groups.map(group => {
    const lead = made.find(({ name }) => name === group.name)?.shape.slice(0, -1) ?? []
    return meanSquare(graph, group, scalers[group.name]!, lead)
  })
  const sum = squares.reduce((a, b) => graph.op('Add', [a, b]))
  const mean = graph.op('Mul', [sum, graph.scalar(1 / squares.length)])
  return graph.op('Sqrt', [mean])
}

/**
 * Mean square [N, 1] of the known columns of each row; 0 when none is known. `lead` are the axes
 * before the columns.
 */
function meanSquare(graph: Graph, group: Group, scaler: Scaler, lead: readonly number[]): string {
  const { known, isUnknown } = emitUnit(graph, group, scaler)
  const width = lead.reduce((product, side) => product * side, scaler.mean.length)
  const ones = graph.floats(new Float32Array(width).fill(1), [width, 1])
  // A product and no ReduceSum, which adds the columns of an odd row in an order that depends on
  // where the row begins.
  const total = (name: string): string =>
    graph.op('MatMul', [graph.op('Reshape', [name, graph.ints([-1, width])]), ones])
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
  const out = graph.output(emitDistance(graph, preparation.emit(graph), scalers, preparation), [
    'N',
    1,
  ])
  const all: number[] = []
  await runRows(
    encodeModel(graph),
    preparation.raw,
    raw,
    rows,
    found => void all.push(...found[out]!),
  )
  return Float64Array.from(all).sort()[Math.floor(0.99 * (all.length - 1))] ?? 0
}
