import type { Tape, Value } from './tape.ts'

/** The same numbers in another shape; at most one side may be −1. */
export function reshape(tape: Tape, a: Value, shape: readonly number[]): Value {
  const { graph } = tape
  const out = {
    name: graph.op('Reshape', [a.name, graph.ints(shape)]),
    shape,
    fixed: a.fixed ?? false,
  }
  tape.record([out], [a], ([d]) => [graph.op('Reshape', [d!, graph.ints(a.shape)])])
  return out
}

/** Axis i of the result is axis order[i] of a. */
export function transpose(tape: Tape, a: Value, order: readonly number[]): Value {
  const { graph } = tape
  const name = graph.op('Transpose', [a.name], { perm: order })
  const out = { name, shape: order.map(axis => a.shape[axis]!), fixed: a.fixed ?? false }
  const back = order.map((_, axis) => order.indexOf(axis))
  tape.record([out], [a], ([d]) => [graph.op('Transpose', [d!], { perm: back })])
  return out
}

/** Equal parts along the last axis. */
export function splitLast(tape: Tape, a: Value, parts: number): Value[] {
  const { graph } = tape
  const axis = a.shape.length - 1
  const width = a.shape[axis]! / parts
  const sizes = graph.ints(Array(parts).fill(width))
  const outs = graph
    .ops('Split', [a.name, sizes], parts, { axis })
    .map(name => ({ name, shape: [...a.shape.slice(0, -1), width] }))
  tape.record(outs, [a], ds => [graph.op('Concat', ds, { axis })])
  return outs
}

/** Joined along the last axis. */
export function concatLast(tape: Tape, values: readonly Value[]): Value {
  const { graph } = tape
  const axis = values[0]!.shape.length - 1
  const widths = values.map(value => value.shape[axis]!)
  const name = graph.op(
    'Concat',
    values.map(value => value.name),
    { axis },
  )
  const out = { name, shape: [...values[0]!.shape.slice(0, -1), widths.reduce((a, b) => a + b)] }
  tape.record([out], values, ([d]) =>
    graph.ops('Split', [d!, graph.ints(widths)], values.length, { axis }),
  )
  return out
}

/** Mean over one axis, which disappears. */
export function mean(tape: Tape, a: Value, axis: number): Value {
  const { graph } = tape
  const name = graph.op('ReduceMean', [a.name], { axes: [axis], keepdims: 0 })
  const out = { name, shape: a.shape.filter((_, i) => i !== axis) }
  tape.record([out], [a], ([d]) => {
    const share = graph.op('Mul', [
      graph.op('Unsqueeze', [d!, graph.ints([axis])]),
      graph.scalar(1 / a.shape[axis]!),
    ])
    return [graph.op('Expand', [share, graph.ints(a.shape)])]
  })
  return out
}

/** The last entry of one axis, which disappears. */
export function last(tape: Tape, a: Value, axis: number): Value {
  const { graph } = tape
  const before = a.shape[axis]! - 1
  const name = graph.op('Gather', [a.name, graph.ints([before], [])], { axis })
  const out = { name, shape: a.shape.filter((_, i) => i !== axis) }
  tape.record([out], [a], ([d]) => {
    const pads = [...a.shape.map((_, i) => (i === axis ? before : 0)), ...a.shape.map(() => 0)]
    return [graph.op('Pad', [graph.op('Unsqueeze', [d!, graph.ints([axis])]), graph.ints(pads)])]
  })
  return out
}
