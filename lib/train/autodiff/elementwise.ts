import type { Tape, Value } from './tape.ts'

/** a + b, where the shape of b is that of a or its end (one position table for every row). */
export function add(tape: Tape, a: Value, b: Value): Value {
  const { graph } = tape
  const out = { name: graph.op('Add', [a.name, b.name]), shape: a.shape }
  const lead = a.shape.length - b.shape.length
  tape.record([out], [a, b], ([d]) => [
    d,
    lead === 0
      ? d
      : graph.op('ReduceSum', [d!, graph.ints([...Array(lead).keys()])], { keepdims: 0 }),
  ])
  return out
}

/** a · mask, where the mask is data that broadcasts over a (dropout). */
export function mask(tape: Tape, a: Value, by: Value): Value {
  const out = { name: tape.graph.op('Mul', [a.name, by.name]), shape: a.shape }
  tape.record([out], [a], ([d]) => [tape.graph.op('Mul', [d!, by.name])])
  return out
}

/** a · factor. */
export function scale(tape: Tape, a: Value, factor: number): Value {
  const { graph } = tape
  const times = (name: string): string => graph.op('Mul', [name, graph.scalar(factor)])
  const out = { name: times(a.name), shape: a.shape }
  tape.record([out], [a], ([d]) => [times(d!)])
  return out
}

/** max(a, 0); the derivative at 0 is 0. */
export function relu(tape: Tape, a: Value): Value {
  const { graph } = tape
  const out = { name: graph.op('Relu', [a.name]), shape: a.shape }
  tape.record([out], [a], ([d]) => [graph.op('Mul', [d!, graph.op('Sign', [out.name])])])
  return out
}
