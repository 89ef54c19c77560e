import { DataError } from '../../base/errors.ts'
import { encodeConstant, encodeNode, encodeValue } from '../../onnx/encode-model.ts'
import { ELEMENT, type Node } from '../../onnx/graph.ts'
import { type Field, fieldsOf, textOf, within, writeField } from '../../onnx/read-model.ts'
import { type TensorData, tensorOf } from '../../onnx/tensor.ts'
import { makeWire, type Wire } from '../../onnx/wire.ts'
import { UNITS } from './head-units.ts'
import { type Edit, type HeadPlan, type InputPlan, sidesOf } from './import-plan.ts'
import { rowByRow, stackOf } from './row-by-row.ts'
import type { Scaler } from './scalers/sklearn-scaler.ts'

/**
 * Puts scalers, the choice of columns and the units into an ONNX file of another program, so that
 * raw features go in and heads come out. GraphProto fields: 1 node, 5 initializer, 11 input, 12
 * output. Operators that hand out maps (ZipMap) are left out, everything else stays as it is.
 */
export function editModel(bytes: Uint8Array, edit: Edit): Uint8Array {
  const { inputs, heads } = edit
  const fed = inputs.map(({ feed, raw }) => ({ name: feed, shape: ['N', ...raw] }))
  const made = heads.map(({ feed }) => ({ name: feed, shape: ['N', 1], type: 'float' as const }))
  return rewritten(bytes, graph => {
    const [before, after] = [makeAdditions('in'), makeAdditions('out')]
    const named = edit.batch === undefined ? (name: string) => name : stackOf
    for (const input of inputs) addInput(before, { ...input, name: named(input.name) })
    for (const head of heads) addHead(after, { ...head, value: named(head.value) })
    const kept = graph.filter(field => !isEnd(field, inputs) && !isZipMap(field))
    const wire = makeWire()
    for (const node of before.nodes) wire.bytes(1, node)
    if (edit.batch === undefined) for (const field of kept) writeField(wire, field)
    else rowByRow(wire, kept, { ...edit, batch: edit.batch })
    for (const node of after.nodes) wire.bytes(1, node)
    for (const { name, tensor } of [...before.constants, ...after.constants])
      wire.bytes(5, encodeConstant(name, tensor))
    for (const { name, shape } of fed) wire.bytes(11, encodeValue({ name, shape, type: 'float' }))
    for (const each of made) wire.bytes(12, encodeValue(each))
    return wire
  })
}

/** The file with another graph. Throws DataError where it holds none. */
export function rewritten(bytes: Uint8Array, graph: (fields: Field[]) => Wire): Uint8Array {
  const model = fieldsOf(bytes)
  if (!model.some(({ number, type }) => number === 7 && type === 2))
    throw new DataError('not an ONNX file: it holds no graph')
  const out = makeWire()
  for (const field of model) {
    if (field.number === 7) out.bytes(7, graph(within(field)))
    else writeField(out, field)
  }
  return Uint8Array.from(out.finish())
}

const nameIn = (field: Field): string => textOf(within(field).find(({ number }) => number === 1))

const isEnd = (field: Field, inputs: readonly InputPlan[]): boolean =>
  field.number === 12 || (field.number === 11 && inputs.some(({ name }) => name === nameIn(field)))

/** Whether a field of a graph is a ZipMap node, which makes maps of columns. */
const isZipMap = (field: Field): boolean =>
  field.number === 1 && within(field).some(at => at.number === 4 && textOf(at) === 'ZipMap')

/** Nodes put around a foreign graph, with names and constants of their own. */
interface Additions {
  nodes: Wire[]
  constants: { name: string; tensor: TensorData }[]
  /** A node with one output, whose name is made up unless given. */
  op(type: string, inputs: readonly string[], attributes?: Node['attributes'], out?: string): string
  constant(tensor: TensorData): string
}

function makeAdditions(part: string): Additions {
  const nodes: Wire[] = []
  const constants: Additions['constants'] = []
  return {
    nodes,
    constants,
    op(type, inputs, attributes = {}, out = `sluice_${part}_${nodes.length}`) {
      nodes.push(encodeNode({ type, domain: '', inputs, outputs: [out], attributes }))
      return out
    },
    constant(tensor) {
      const name = `sluice_${part}_c${constants.length}`
      constants.push({ name, tensor })
      return name
    },
  }
}

/**
 * Raw float32 numbers → the input of the graph. Scaled in double precision, as Python does: the
 * mean of a price may be a thousand times its deviation.
 */
function addInput(to: Additions, { feed, raw, rows, columns, shape, scaler, ...input }: InputPlan) {
  const picked = (from: string, axis: number, at: readonly number[] | undefined): string =>
    at === undefined
      ? from
      : to.op('Gather', [from, to.constant(tensorOf.int64(at, [at.length]))], { axis })
  let value = picked(picked(feed, 1, rows), raw.length, columns)
  if (scaler !== undefined || input.type === ELEMENT.double)
    value = to.op('Cast', [value], { to: ELEMENT.double })
  if (scaler !== undefined) value = addScaler(to, value, scaler, sidesOf({ raw, rows, columns }))
  if (scaler !== undefined && input.type !== ELEMENT.double)
    value = to.op('Cast', [value], { to: input.type })
  const free = to.constant(tensorOf.int64([-1, ...shape], [shape.length + 1]))
  to.op('Reshape', [value, free], {}, input.name)
}

/** A scaler has a number for each column, or for each number of a whole row. */
function addScaler(to: Additions, value: string, scaler: Scaler, sides: readonly number[]): string {
  const { offset, scale, centre, bounds } = scaler
  const shape = offset.length === sides.at(-1) ? [offset.length] : sides
  const vector = (data: Float64Array): string => to.constant(tensorOf.double(data, [1, ...shape]))
  const number = (x: number): string => to.constant(tensorOf.double([x], []))
  // Unknown values become the scaler's centre: what its training data held on average.
  const known = centre.every(Number.isNaN)
    ? value
    : to.op('Where', [to.op('IsNaN', [value]), vector(centre), value])
  const moved = to.op('Sub', [known, vector(offset)])
  const scaled = to.op('Div', [moved, vector(scale)])
  if (bounds === undefined) return scaled
  return to.op('Min', [to.op('Max', [scaled, number(bounds[0])]), number(bounds[1])])
}

/** A value of the graph → the head, [N, 1], in our unit. */
function addHead(to: Additions, { value, feed, type, column, unit }: HeadPlan): void {
  let found = type === ELEMENT.float ? value : to.op('Cast', [value], { to: ELEMENT.float })
  if (column !== undefined)
    found = to.op('Gather', [found, to.constant(tensorOf.int64([column], [1]))], { axis: 1 })
  const { op, by } = UNITS[unit]
  if (op !== undefined)
    found = to.op(op, by === undefined ? [found] : [found, to.constant(tensorOf.float([by], []))])
  to.op('Reshape', [found, to.constant(tensorOf.int64([-1, 1], [2]))], {}, feed)
}

/**
 * The file with other outputs: values that are tensors where it hands out maps, so that the
 * original can be run beside ours.
 */
export function exposing(bytes: Uint8Array, values: readonly string[]): Uint8Array {
  return rewritten(bytes, graph => {
    const wire = makeWire()
    for (const field of graph) if (field.number !== 12 && !isZipMap(field)) writeField(wire, field)
    for (const value of values) wire.bytes(12, makeWire().bytes(1, value))
    return wire
  })
}
