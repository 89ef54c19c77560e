import { scale } from './elementwise.ts'
import { linear, matmul } from './linear.ts'
import { softmax } from './normalise.ts'
import { reshape, splitLast, transpose } from './shape.ts'
import type { Tape, Value } from './tape.ts'

export interface AttentionWeights {
  /** Queries, keys and values side by side: [D, 3D], [3D]. */
  inW: Value
  inB: Value
  /** Output projection: [D, D], [D]. */
  outW: Value
  outB: Value
}

/**
 * Multi-head scaled dot-product self-attention (Vaswani et al. 2017): x [B, T, D] → [B, T, D];
 * heads must divide D.
 */
export function attention(
  tape: Tape,
  x: Value,
  { inW, inB, outW, outB }: AttentionWeights,
  heads: number,
): Value {
  const [batch, steps, width] = x.shape as [number, number, number]
  const [q, k, v] = splitLast(tape, linear(tape, x, inW, inB), 3)
  const apart = (value: Value, order: number[]): Value =>
    transpose(tape, reshape(tape, value, [batch, steps, heads, width / heads]), order)
  const scores = matmul(tape, apart(q!, [0, 2, 1, 3]), apart(k!, [0, 2, 3, 1]))
  const weights = softmax(tape, scale(tape, scores, 1 / Math.sqrt(width / heads)))
  const mixed = transpose(tape, matmul(tape, weights, apart(v!, [0, 2, 1, 3])), [0, 2, 1, 3])
  return linear(tape, reshape(tape, mixed, [batch, steps, width]), outW, outB)
}
