import { LOSS } from '../autodiff/losses.ts'
import { openSession } from '../ort.ts'
import type { Dataset, FitOptions } from './fit.ts'
import { lossOf } from './loss.ts'
import type { Network } from './network.ts'
import { gather, type Tensors } from './prepare.ts'
import { logitsGraph } from './serve-graph.ts'

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
      if (weight[at]! > 0) sum += weight[at]! * lossOf(head, z[i * heads + k]!, y[at]!, { ...LOSS, focal })
    }
  return sum / valid.length
}

/** Outputs [rows, heads] of a network with parameters P for some rows, on one thread as they are served: the same bits everywhere. */
export async function logitsOf(
  network: Network,
  P: Float32Array,
  inputs: Tensors,
  rows: readonly number[],
): Promise<Float32Array> {
  const session = await openSession(logitsGraph(network, P))
  try {
    const out = new Float32Array(rows.length * network.heads.length)
    for (let from = 0; from < rows.length; from += 128) {
      const found = await session.run(gather(network.inputs, inputs, rows.slice(from, from + 128)))
      out.set(found.logits!, from * network.heads.length)
    }
    return out
  } finally {
    await session.release()
  }
}
