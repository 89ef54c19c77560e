import { encodeConstant, encodeNode, encodeValue } from '../../onnx/encode-model.ts'
import { type Field, writeField } from '../../onnx/read-model.ts'
import { tensorOf } from '../../onnx/tensor.ts'
import { makeWire, type Wire } from '../../onnx/wire.ts'
import type { Edit } from './import-plan.ts'

/*
 * Field numbers of GraphProto: 1 node, 5 initializer, 13 value_info; of AttributeProto: 1 name,
 * 3 i, 6 g, 20 type (2 = int, 5 = graph).
 */
const NODE = 1
const VALUE_INFO = 13

/** Names inside the body of the loop. */
const rowOf = (name: string): string => `sluice_row_${name}`
const saidOf = (name: string): string => `sluice_said_${name}`

/** What the loop takes and gives, in the place of an input or output of the file. */
export const stackOf = (name: string): string => `sluice_stack_${name}`

/**
 * Writes the graph of a file that was exported for a fixed number of rows as the body of a Scan
 * over rows: an exporter that traces one batch leaves its size in constants (initial states,
 * shapes), so that no other size can be trusted. Each row is repeated to the size that the file
 * wants, and the answer to the first copy is kept.
 */
export function rowByRow(wire: Wire, fields: readonly Field[], edit: Edit & { batch: number }) {
  const { inputs, heads, batch } = edit
  const body = makeWire()
  const outer: Field[] = []
  const values = [...new Set(heads.map(({ value }) => value))]
  for (const { name, shape } of inputs) {
    const [one, many] = [`${rowOf(name)}_1`, `${rowOf(name)}_n`]
    wire.bytes(5, encodeConstant(one, tensorOf.int64([1, ...shape], [shape.length + 1])))
    wire.bytes(5, encodeConstant(many, tensorOf.int64([batch, ...shape], [shape.length + 1])))
    body.bytes(NODE, nodeOf('Reshape', [rowOf(name), one], `${rowOf(name)}_as`))
    body.bytes(NODE, nodeOf('Expand', [`${rowOf(name)}_as`, many], name))
  }
  for (const field of fields) {
    if (field.number === NODE || field.number === VALUE_INFO) writeField(body, field)
    else outer.push(field)
  }
  wire.bytes(5, encodeConstant('sluice_first', tensorOf.int64([0], [])))
  for (const value of values)
    body.bytes(NODE, nodeOf('Gather', [value, 'sluice_first'], saidOf(value)))
  body.bytes(2, 'row')
  for (const { name, shape, type } of inputs)
    body.bytes(
      11,
      encodeValue({ name: rowOf(name), shape, type: type === 11 ? 'double' : 'float' }),
    )
  for (const value of values) body.bytes(12, makeWire().bytes(1, saidOf(value)))
  for (const field of outer) writeField(wire, field)
  const scan = makeWire()
  for (const { name } of inputs) scan.bytes(1, stackOf(name))
  for (const value of values) scan.bytes(2, stackOf(value))
  scan.bytes(4, 'Scan')
  scan.bytes(5, makeWire().bytes(1, 'body').bytes(6, body).int(20, 5))
  scan.bytes(5, makeWire().bytes(1, 'num_scan_inputs').int(3, inputs.length).int(20, 2))
  wire.bytes(NODE, scan)
}

const nodeOf = (type: string, inputs: readonly string[], out: string): Wire =>
  encodeNode({ type, domain: '', inputs, outputs: [out], attributes: {} })
