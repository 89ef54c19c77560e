import { DISTANCE } from '../../../model/heads.ts'
import { encodeModel } from '../../../onnx/encode-model.ts'
import { type Graph, makeGraph } from '../../../onnx/graph.ts'
import { makeTape } from '../../autodiff/tape.ts'
import type { Calibrator } from '../../tabular/calibration.ts'
import { emitCalibrator } from '../../tabular/link.ts'
import { emitDistance } from './distance-graph.ts'
import { declareInputs, type Network, type Scope } from './network.ts'
import { emitScaled, type Preparation, type Scalers } from './preparation.ts'
import { declareRaw } from './prepare-rows.ts'
import type { Target } from './targets.ts'
import { constantWeights, layoutOf } from './weights.ts'

/**
 * The forward pass alone, prepared inputs → `logits` [N, heads]: to measure the loss on held-out
 * rows.
 */
export function logitsGraph(network: Network, P: Float32Array): Uint8Array {
  const graph = makeGraph('logits')
  const scope = serving(graph, network, P)
  const out = network.forward(scope, declareInputs(scope, network.inputs))
  graph.emit('Identity', [out.name], ['logits'])
  graph.output('logits', ['N', network.heads.length])
  return encodeModel(graph)
}

/** How one output of the network becomes the number that is served. */
export type Link =
  | { kind: 'probability'; calibrator: Calibrator }
  | { kind: 'fraction'; target: Target }

interface ServeParts {
  preparation: Preparation
  scalers: Scalers
  /** 99th percentile of the distance of the training rows. */
  reach: number
  links: readonly Link[]
}

/**
 * The whole model in one file: raw features → imputation, normalisation, scaling → network →
 * calibrated outputs: one [N, 1] by the name of each head, all of them as `heads` [N, heads], and
 * `outOfDistribution` [N, 1].
 */
export function serveGraph(
  network: Network,
  P: Float32Array,
  { preparation, scalers, reach, links }: ServeParts,
): Uint8Array {
  const graph = makeGraph(network.name)
  declareRaw(graph, preparation)
  const groups = preparation.emit(graph)
  const inputs = new Map(
    groups.map(group => {
      const { shape } = preparation.made.find(made => made.name === group.name)!
      const name = emitScaled(graph, group, scalers[group.name]!)
      return [group.name, { name, shape: [-1, ...shape], fixed: true }]
    }),
  )
  const out = network.forward(serving(graph, network, P), inputs)
  const sizes = graph.ints(Array(links.length).fill(1))
  const columns =
    links.length === 1
      ? [out.name]
      : graph.ops('Split', [out.name, sizes], links.length, { axis: 1 })
  const names = network.heads.map((head, i) => {
    graph.emit('Identity', [emitLink(graph, columns[i]!, links[i]!)], [head.name])
    return graph.output(head.name, ['N', 1])
  })
  graph.emit('Concat', names, ['heads'], { axis: 1 })
  graph.output('heads', ['N', links.length])
  // Training rows that are all alike have no distance to tell another in.
  const share = graph.scalar(reach > 0 ? 1 / reach : 0)
  graph.emit('Mul', [emitDistance(graph, groups, scalers, preparation), share], [DISTANCE])
  graph.output(DISTANCE, ['N', 1])
  return encodeModel(graph)
}

function serving(graph: Graph, network: Network, P: Float32Array): Scope {
  const weights = constantWeights(graph, layoutOf(network.parameters), P)
  return { tape: makeTape(graph), batch: -1, weights, drop: x => x }
}

/** One column z [N, 1] → what is served. */
export function emitLink(graph: Graph, z: string, link: Link): string {
  if (link.kind === 'probability') return emitCalibrator(graph, z, link.calibrator)
  const { spread, centre } = link.target
  const log = graph.op('Add', [graph.op('Mul', [z, graph.scalar(spread)]), graph.scalar(centre)])
  return graph.op('Sub', [graph.op('Exp', [log]), graph.scalar(1)])
}
