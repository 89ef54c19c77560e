import { makeRng } from '../../lib/base/rng.ts'
import { openSession } from '../../lib/onnx/ort.ts'
import type { Checkpoint } from '../../lib/train/networks/fit/epoch-checkpoint.ts'
import { FIT, type FitOptions, type Run } from '../../lib/train/networks/fit/fit-network.ts'
import { trainGraph } from '../../lib/train/networks/fit/train-graph.ts'
import type { Network } from '../../lib/train/networks/net/network.ts'
import { priceNetwork } from '../../lib/train/networks/net/price-network.ts'
import { SEQUENCE_SIZES, sequenceNetwork } from '../../lib/train/networks/net/sequence-network.ts'
import { startWeights } from '../../lib/train/networks/net/weights.ts'

const shape = { steps: 100, table: 50 }
/**
 * The networks of `train --net`, over a hundred bars with 25 numbers and their flags beside them.
 */
export const NETWORKS: Record<string, Network> = {
  sequence: sequenceNetwork(shape, SEQUENCE_SIZES.full),
  small: sequenceNetwork(shape, SEQUENCE_SIZES.small),
  attention: sequenceNetwork(shape, SEQUENCE_SIZES.attention),
  price: priceNetwork([60, 10]),
}

/** One batch of drawn rows, ready to be trained on again and again from drawn weights. */
export async function openRun(
  network: Network,
  given: Partial<FitOptions>,
): Promise<{ run: Run; state: Checkpoint; rows: number[] }> {
  const options = { ...FIT, ...given }
  const built = trainGraph(network, { batch: options.batch, dropout: options.dropout > 0 })
  const rng = makeRng(network.name)
  const rows = [...Array(options.batch).keys()]
  const draw = (n: number): Float32Array => Float32Array.from({ length: n }, () => rng.normal())
  const inputs = Object.fromEntries(
    network.inputs.map(input => [
      input.name,
      draw(rows.length * input.shape.reduce((a, b) => a * b)),
    ]),
  )
  const y = Float32Array.from({ length: rows.length * network.heads.length }, () =>
    Number(rng.next() < 0.3),
  )
  const data = { inputs, y, weight: new Float32Array(y.length).fill(1), train: rows, valid: [] }
  const P = startWeights(built.layout, rng)
  const zero = new Float32Array(P.length)
  const best = { epoch: 0, loss: Number.POSITIVE_INFINITY }
  const state = { key: '', step: 0, lossSum: 0, history: [], best, P, M: zero, V: zero, bestP: P }
  const hooks = {
    now: () => 0,
    stopped: () => false,
    onStep: () => {},
    onEpoch: () => {},
    save: async () => {},
  }
  const session = await openSession(built.model, options.threads)
  return { run: { network, data, options, hooks, built, session, perEpoch: 313 }, state, rows }
}
