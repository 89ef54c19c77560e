import type { Graph } from '../../onnx/graph.ts'

export interface AdamOptions {
  beta1: number
  beta2: number
  epsilon: number
  /** Longest allowed gradient over all parameters together. */
  clip: number
}
/** Kingma & Ba 2015; the clip is that of Pascanu et al. 2013. */
export const ADAM: AdamOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: 1 }

/**
 * Flat vectors [n]: parameters, first and second moment, gradient, and 1 where weight decay
 * applies.
 */
export interface AdamState {
  P: string
  M: string
  V: string
  G: string
  decayed: string
}

/**
 * One step of Adam with decoupled weight decay (Loshchilov & Hutter 2019) on one flat vector, after
 * scaling the gradient to a norm of at most `clip`. Declares three scalar inputs that the host
 * computes in double precision: `rate` = lr/(1−β₁ᵗ), `correction` = 1/(1−β₂ᵗ), `decay` = lr·λ.
 * Emits the outputs nextP, nextM, nextV and norm (before clipping).
 */
export function adamStep(
  graph: Graph,
  { P, M, V, G, decayed }: AdamState,
  n: number,
  options: AdamOptions,
): void {
  const [rate, correction, decay] = ['rate', 'correction', 'decay'].map(name =>
    graph.input(name, []),
  )
  const op = (type: string, ...inputs: string[]): string => graph.op(type, inputs)
  const out = (type: string, inputs: string[], name: string, shape: number[]): string => {
    graph.emit(type, inputs, [name])
    return graph.output(name, shape)
  }
  const { scalar } = graph
  const norm = out('Sqrt', [graph.op('ReduceSumSquare', [G], { keepdims: 0 })], 'norm', [])
  const shrink = op(
    'Min',
    op('Div', scalar(options.clip), op('Add', norm, scalar(1e-6))),
    scalar(1),
  )
  const gradient = op('Mul', G, shrink)
  const blend = (old: string, fresh: string, beta: number, name: string): string =>
    out('Add', [op('Mul', old, scalar(beta)), op('Mul', fresh, scalar(1 - beta))], name, [n])
  const first = blend(M, gradient, options.beta1, 'nextM')
  const second = blend(V, op('Mul', gradient, gradient), options.beta2, 'nextV')
  const spread = op('Add', op('Sqrt', op('Mul', second, correction!)), scalar(options.epsilon))
  const step = op('Div', op('Mul', first, rate!), spread)
  const kept = op('Sub', P, op('Mul', op('Mul', P, decayed), decay!))
  out('Sub', [kept, step], 'nextP', [n])
}
