import { LOSS, type LossOptions } from '../../autodiff/losses.ts'
import type { Head, Network } from '../net/network.ts'
import { runRows, type Tensors } from '../net/prepare-rows.ts'
import { logitsGraph } from '../net/serve-graph.ts'
import type { Dataset, FitOptions } from './fit-network.ts'

/** Mean loss of the validation rows, from the nodes that serve. */
export async function heldOutLoss(
  network: Network,
  P: Float32Array,
  { inputs, y, weight, valid }: Dataset,
  { focal }: FitOptions,
): Promise<number> {
  const z = await logitsOf(network, P, inputs, valid)
  const heads = network.heads.length
  let sum = 0
  for (const [i, row] of valid.entries())
    for (const [k, head] of network.heads.entries()) {
      const at = row * heads + k
      if (weight[at]! > 0)
        sum += weight[at]! * lossOf(head, z[i * heads + k]!, y[at]!, { ...LOSS, focal })
    }
  return sum / valid.length
}

/**
 * Outputs [rows, heads] of a network with parameters P for some rows, on one thread as they are
 * served: the same bits everywhere.
 */
export async function logitsOf(
  network: Network,
  P: Float32Array,
  inputs: Tensors,
  rows: readonly number[],
): Promise<Float32Array> {
  const heads = network.heads.length
  const out = new Float32Array(rows.length * heads)
  await runRows(logitsGraph(network, P), network.inputs, inputs, rows, (found, from) =>
    out.set(found.logits!, from * heads),
  )
  return out
}

/** ℓ(z, y) of one head, as `maskedLoss` computes it in the graph. */
export function lossOf(
  { kind }: Head,
  z: number,
  y: number,
  { delta, focal }: LossOptions,
): number {
  if (kind === 'regression') {
    const d = z - y
    const c = Math.min(Math.max(d, -delta), delta)
    return c * (d - c / 2)
  }
  const ce = Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - z * y
  return focal === 0 ? ce : Math.abs(1 / (1 + Math.exp(-z)) - y) ** focal * ce
}
