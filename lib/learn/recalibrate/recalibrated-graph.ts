import { rewritten } from '../../model/import/edit.ts'
import { encodeConstant, encodeNode } from '../../onnx/encode-model.ts'
import { makeGraph } from '../../onnx/graph.ts'
import { type Field, readModel, textOf, within, writeField } from '../../onnx/read-model.ts'
import { makeWire } from '../../onnx/wire.ts'
import type { Calibrator } from '../../train/tabular/calibration.ts'
import { emitCalibrator } from '../../train/tabular/link.ts'

/** Nearer to 0 and 1 a float32 probability has no digits left to tell one from another. */
const EDGE = 1e-6

/** The log odds of a probability, as the recalibrated graph computes them. */
export function logOdds(p: number): number {
  const held = Math.min(1 - EDGE, Math.max(EDGE, p))
  return Math.log(held / (1 - held))
}

/** Opsets whose Split cuts into equal parts unasked, which isotonic calibrators are made of. */
export function takesKnots(model: Uint8Array): boolean {
  const { opset } = readModel(model)
  return opset >= 13 && opset <= 17
}

/**
 * The model with a calibrator behind one of its outputs, a column of probabilities: what gave that
 * output gives a value of another name, and new nodes turn it into the output. Nothing else of the
 * file changes. Throws DataError where the bytes are no model.
 */
export function recalibratedGraph(
  model: Uint8Array,
  output: string,
  calibrator: Calibrator,
): Uint8Array {
  const { names } = readModel(model)
  const free = (wanted: string): string => (names.has(wanted) ? free(`${wanted}_`) : wanted)
  const before = free(`${output}_before`)
  const graph = makeGraph(output)
  const low = graph.op('Max', [before, graph.scalar(EDGE)])
  const held = graph.op('Min', [low, graph.scalar(1 - EDGE)])
  const against = graph.op('Sub', [graph.scalar(1), held])
  const z = graph.op('Log', [graph.op('Div', [held, against])])
  graph.emit('Identity', [emitCalibrator(graph, z, calibrator)], [output])
  const own = (name: string): string =>
    name === before || name === output ? name : free(`calibrated_${names.size}_${name}`)
  return rewritten(model, fields => {
    const wire = makeWire()
    const isNode = ({ number }: Field): boolean => number === 1
    for (const field of fields.filter(isNode)) wire.bytes(1, renamed(field, output, before))
    for (const node of graph.nodes) {
      const [inputs, outputs] = [node.inputs.map(own), node.outputs.map(own)]
      wire.bytes(1, encodeNode({ ...node, inputs, outputs }))
    }
    for (const field of fields) if (!isNode(field)) writeField(wire, field)
    for (const { name, tensor } of graph.constants) wire.bytes(5, encodeConstant(own(name), tensor))
    return wire
  })
}

/** A node (1 input, 2 output) with one name in place of another. */
function renamed(node: Field, from: string, to: string) {
  const wire = makeWire()
  for (const field of within(node)) {
    const isName = field.number === 1 || field.number === 2
    if (isName && textOf(field) === from) wire.bytes(field.number, to)
    else writeField(wire, field)
  }
  return wire
}
