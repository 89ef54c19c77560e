import type { Tape, Value } from './tape.ts'

/** Softmax over the last axis. ∂a = y ⊙ (d − Σ d⊙y). */
export function softmax(tape: Tape, a: Value): Value {
  const { graph } = tape
  const y = graph.op('Softmax', [a.name], { axis: -1 })
  const out = { name: y, shape: a.shape }
  tape.record([out], [a], ([d]) => {
    const sum = graph.op('ReduceSum', [graph.op('Mul', [d!, y]), graph.ints([-1])], { keepdims: 1 })
    return [graph.op('Mul', [y, graph.op('Sub', [d!, sum])])]
  })
  return out
}

/**
 * Layer normalisation over the last axis (Ba, Kiros & Hinton 2016), population variance, ε = 1e-5:
 * y = γ x̂ + β, x̂ = (x − mean)·inv. ∂x = inv (g − mean g − x̂ mean(g⊙x̂)) with g = d⊙γ; ∂γ = Σ
 * d⊙x̂; ∂β = Σ d.
 */
export function layerNorm(tape: Tape, a: Value, gain: Value, bias: Value): Value {
  const { graph } = tape
  const attributes = { axis: -1, epsilon: { float: 1e-5 } }
  const [y, centre, inverse] = graph.ops(
    'LayerNormalization',
    [a.name, gain.name, bias.name],
    3,
    attributes,
  ) as [string, string, string]
  const out = { name: y, shape: a.shape }
  tape.record([out], [a, gain, bias], ([d]) => {
    const unit = graph.op('Mul', [graph.op('Sub', [a.name, centre]), inverse])
    const g = graph.op('Mul', [d!, gain.name])
    const average = (name: string): string =>
      graph.op('ReduceMean', [name], { axes: [-1], keepdims: 1 })
    const along = graph.op('Mul', [unit, average(graph.op('Mul', [g, unit]))])
    const byInput = graph.op('Mul', [
      inverse,
      graph.op('Sub', [graph.op('Sub', [g, average(g)]), along]),
    ])
    const lead = graph.ints([...a.shape.keys()].slice(0, -1))
    const total = (name: string): string => graph.op('ReduceSum', [name, lead], { keepdims: 0 })
    return [byInput, total(graph.op('Mul', [d!, unit])), total(d!)]
  })
  return out
}
