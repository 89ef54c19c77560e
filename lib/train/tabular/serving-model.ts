/** What a trained head computes: as the ONNX file that is served, and in this process. */
import { encodeModel } from '../../onnx/encode-model.ts'
import { type Graph, makeGraph } from '../../onnx/graph.ts'
import type { PriceUnits } from '../../table/price-units.ts'
import type { Table } from '../../table/table.ts'
import { type Ensemble, predictEnsemble, rawScores } from '../trees/ensemble.ts'
import { addEnsemble } from '../trees/tree-ensemble.ts'
import { sigmoid } from '../trees/tree-loss.ts'
import { type Calibrator, calibrate } from './calibration.ts'
import { emitCalibrator } from './link.ts'
import type { Logistic } from './logistic.ts'
import { rawLogistic } from './logistic.ts'

export type Predictor =
  | { kind: 'trees'; ensemble: Ensemble }
  | { kind: 'logistic'; logistic: Logistic }

/** One output of the serving graph: [N, 1], or [N, K] for a softmax. */
export interface Head {
  name: string
  predictor: Predictor
  /** Turns the raw score into the probability; only for one-column classifiers. */
  calibration?: Calibrator
}

/**
 * The file of a model: raw features [N, F] in, heads out; price division, imputation, scaling,
 * trees, link and calibrator are nodes. One input `features`, one output per head.
 */
export function servingModel(
  width: number,
  heads: readonly Head[],
  prices?: PriceUnits,
): Uint8Array {
  const graph = makeGraph('model')
  const raw = graph.input('features', ['N', width])
  const features = prices === undefined ? raw : dividePrices(graph, raw, width, prices)
  for (const head of heads) addHead(graph, features, head)
  return encodeModel(graph, { opset: 17, mlOpset: 3 })
}

/**
 * What the graph computes, in this process: for training metrics and as the parity reference.
 * Column per output.
 */
export function predictHead(head: Head, table: Table): Float64Array[] {
  const { predictor, calibration } = head
  if (predictor.kind === 'trees' && calibration === undefined)
    return predictEnsemble(predictor.ensemble, table)
  const z = scoreOf(predictor, table)
  return [
    calibration === undefined ? z.map(sigmoid) : z.map(score => calibrate(calibration, score)),
  ]
}

/** Raw scores of a one-column predictor: what a calibrator is fitted on. */
export const scoreOf = (predictor: Predictor, table: Table): Float64Array =>
  predictor.kind === 'trees'
    ? rawScores(predictor.ensemble, table)[0]!
    : rawLogistic(predictor.logistic, table)

function dividePrices(
  graph: Graph,
  features: string,
  width: number,
  { by, columns }: PriceUnits,
): string {
  const isPrice = Array.from({ length: width }, (_, f) => columns.includes(f))
  const close = graph.op('Gather', [features, graph.ints([by])], { axis: 1 })
  const divisor = graph.op('Where', [graph.bools(isPrice, [1, width]), close, graph.scalar(1)])
  return graph.op('Div', [features, divisor])
}

function addHead(graph: Graph, features: string, { name, predictor, calibration }: Head): void {
  const isTrees = predictor.kind === 'trees'
  const width = isTrees ? predictor.ensemble.base.length : 1
  const raw = isTrees
    ? addEnsemble(graph, predictor.ensemble, features)
    : addLogistic(graph, features, predictor.logistic)
  const link = isTrees ? predictor.ensemble.link : 'sigmoid'
  if (calibration !== undefined)
    graph.emit('Identity', [emitCalibrator(graph, raw, calibration)], [name])
  else if (link === 'identity') graph.emit('Identity', [raw], [name])
  else if (link === 'share') graph.emit('Clip', [raw, graph.scalar(0), graph.scalar(1)], [name])
  else if (link === 'softmax') graph.emit('Softmax', [raw], [name], { axis: -1 })
  else graph.emit('Sigmoid', [raw], [name])
  graph.output(name, ['N', width])
}

/** In double precision, so that long sums agree with ours; infinite values count as unknown. */
function addLogistic(
  graph: Graph,
  features: string,
  { scalings, weights, intercept }: Logistic,
): string {
  const width = scalings.length
  const row = (of: (at: (typeof scalings)[number]) => number): string =>
    double(graph, graph.floats(scalings.map(of), [1, width]))
  const x = double(graph, features)
  const isLog = graph.bools(
    scalings.map(at => at.log),
    [1, width],
  )
  const zero = double(graph, graph.scalar(0))
  const one = double(graph, graph.scalar(1))
  const logged = graph.op('Log', [graph.op('Add', [graph.op('Max', [x, zero]), one])])
  const moved = graph.op('Where', [isLog, logged, x])
  const limit = double(graph, graph.scalar(3.4028234663852886e38))
  const isKnown = graph.op('LessOrEqual', [graph.op('Abs', [x]), limit])
  const filled = graph.op('Where', [isKnown, moved, row(at => at.mean)])
  const scaled = graph.op('Div', [
    graph.op('Sub', [filled, row(at => at.mean)]),
    row(at => at.deviation),
  ])
  const flags = scalings.flatMap((at, f) => (at.flag ? [f] : []))
  const unknown = graph.op('Cast', [graph.op('Not', [isKnown])], { to: DOUBLE })
  const flagged =
    flags.length === 0 ? [] : [graph.op('Gather', [unknown, graph.ints(flags)], { axis: 1 })]
  const inputs = flags.length === 0 ? scaled : graph.op('Concat', [scaled, ...flagged], { axis: 1 })
  const z = graph.op('MatMul', [inputs, double(graph, graph.floats(weights, [weights.length, 1]))])
  return graph.op('Cast', [graph.op('Add', [z, double(graph, graph.scalar(intercept))])], {
    to: FLOAT,
  })
}

const FLOAT = 1
const DOUBLE = 11
const double = (graph: Graph, value: string): string => graph.op('Cast', [value], { to: DOUBLE })
