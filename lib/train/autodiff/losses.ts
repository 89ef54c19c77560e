import type { Graph } from '../../onnx/graph.ts'

export type HeadKind = 'binary' | 'regression'

export interface LossOptions {
  /** Where the Huber loss turns from square to straight. */
  delta: number
  /** γ of the focal loss (Lin et al. 2017); 0 is plain cross-entropy. */
  focal: number
}
export const LOSS: LossOptions = { delta: 1, focal: 0 }

/**
 * Σ W ⊙ ℓ(z, y) over a batch z, y, W [B, heads], with its gradient by z. ℓ is cross-entropy from
 * logits for binary heads and Huber for regression. W carries class weights, head weights and the
 * mean over the batch; 0 hides a missing label or a padded row. Returns the names of the scalar
 * loss and of the gradient [B, heads].
 */
export function maskedLoss(
  graph: Graph,
  { z, y, weight }: { z: string; y: string; weight: string },
  kinds: readonly HeadKind[],
  options: LossOptions,
): { loss: string; gradient: string } {
  const one = (kind: HeadKind): string =>
    graph.floats(
      kinds.map(k => Number(k === kind)),
      [1, kinds.length],
    )
  const parts = [
    { ...binary(graph, z, y, options.focal), of: one('binary') },
    { ...huber(graph, z, y, options.delta), of: one('regression') },
  ]
  const join = (pick: 'loss' | 'gradient'): string =>
    graph.op('Mul', [
      parts
        .map(part => graph.op('Mul', [part[pick], part.of]))
        .reduce((a, b) => graph.op('Add', [a, b])),
      weight,
    ])
  return {
    loss: graph.op('ReduceSum', [join('loss')], { keepdims: 0 }),
    gradient: join('gradient'),
  }
}

interface Elementwise {
  loss: string
  gradient: string
}

/**
 * ce = softplus(z) − z·y, gradient σ(z) − y; with γ the focal form (1−p_t)^γ·ce, p_t the
 * probability of the true class: gradient (σ(z) − y)(1−p_t)^γ⁻¹ (γ p_t ce + 1 − p_t), since dp_t/dz
 * = ±p_t(1−p_t) and 1−p_t = |σ(z) − y|.
 */
function binary(graph: Graph, z: string, y: string, gamma: number): Elementwise {
  const op = (type: string, ...inputs: string[]): string => graph.op(type, inputs)
  const ce = op('Sub', op('Softplus', z), op('Mul', z, y))
  const away = op('Sub', op('Sigmoid', z), y)
  if (gamma === 0) return { loss: ce, gradient: away }
  const miss = op('Abs', away)
  const hit = op('Sub', graph.scalar(1), miss)
  const power = (exponent: number): string =>
    op('Pow', op('Max', miss, graph.scalar(1e-12)), graph.scalar(exponent))
  const slope = op('Add', op('Mul', op('Mul', hit, ce), graph.scalar(gamma)), miss)
  return {
    loss: op('Mul', power(gamma), ce),
    gradient: op('Mul', away, op('Mul', power(gamma - 1), slope)),
  }
}

/**
 * ½d² inside ±δ, δ(|d| − ½δ) outside: with c = clip(d, ±δ) both are c·(d − ½c), and the gradient is
 * c.
 */
function huber(graph: Graph, z: string, y: string, delta: number): Elementwise {
  const d = graph.op('Sub', [z, y])
  const c = graph.op('Clip', [d, graph.scalar(-delta), graph.scalar(delta)])
  const half = graph.op('Mul', [c, graph.scalar(0.5)])
  return { loss: graph.op('Mul', [c, graph.op('Sub', [d, half])]), gradient: c }
}
