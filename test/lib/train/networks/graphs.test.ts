import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeRng } from '../../../../lib/base/rng.ts'
import { type Numbers, openSession } from '../../../../lib/onnx/ort.ts'
import { LOSS } from '../../../../lib/train/autodiff/losses.ts'
import { lossOf } from '../../../../lib/train/networks/fit/held-out.ts'
import { trainGraph } from '../../../../lib/train/networks/fit/train-graph.ts'
import type { Network } from '../../../../lib/train/networks/net/network.ts'
import { priceNetwork } from '../../../../lib/train/networks/net/price-network.ts'
import {
  SEQUENCE_SIZES,
  sequenceNetwork,
} from '../../../../lib/train/networks/net/sequence-network.ts'
import { logitsGraph } from '../../../../lib/train/networks/net/serve-graph.ts'
import { startWeights } from '../../../../lib/train/networks/net/weights.ts'

const SIZES = { width: 8, heads: 2, branch: 4, dense: 6 }
const networks: Record<string, Network> = {
  sequence: sequenceNetwork({ steps: 6, table: 8 }, { ...SIZES, recurrent: [5, 4] }),
  'attention only': sequenceNetwork({ steps: 6, table: 8 }, { ...SIZES, recurrent: [] }),
  price: priceNetwork([6, 10], { recurrent: 5, dense: 4 }),
}

for (const [name, network] of Object.entries(networks))
  test(
    `${name}: the training graph and the serving graph have the same loss, which the first ` +
      'step lowers',
    async () => {
      const rng = makeRng(name)
      const batch = 7
      const heads = network.heads.length
      const draw = (n: number): Float32Array => Float32Array.from({ length: n }, () => rng.normal())
      const built = trainGraph(network, { batch, dropout: false })
      const flat = (data: Float32Array): Numbers => ({ data, shape: [data.length] })
      const scalar = (x: number): Numbers => ({ data: Float32Array.of(x), shape: [] })
      const P = startWeights(built.layout, rng)
      const zero = new Float32Array(P.length)
      const inputs = Object.fromEntries(
        network.inputs.map(({ name: input, shape }) => [
          input,
          { data: draw(batch * shape.reduce((a, b) => a * b)), shape: [batch, ...shape] },
        ]),
      )
      const y = Float32Array.from({ length: batch * heads }, (_, i) =>
        network.heads[i % heads]!.kind === 'binary' ? Number(rng.next() < 0.5) : rng.normal(),
      )
      const weight = Float32Array.from({ length: batch * heads }, () =>
        rng.next() < 0.3 ? 0 : rng.next(),
      )
      const session = await openSession(built.model)
      const labels = {
        y: { data: y, shape: [batch, heads] },
        weight: { data: weight, shape: [batch, heads] },
      }
      const step = (at: Float32Array, rate: number): Promise<Record<string, Float32Array>> =>
        session.run({
          ...inputs,
          ...labels,
          P: flat(at),
          M: flat(zero),
          V: flat(zero),
          rate: scalar(rate),
          correction: scalar(1000),
          decay: scalar(0),
        })
      const first = await step(P, 1e-3)
      const serving = await openSession(logitsGraph(network, P))
      const { logits } = await serving.run(inputs)
      const served = [...logits!].reduce(
        (sum, z, i) => sum + weight[i]! * lossOf(network.heads[i % heads]!, z, y[i]!, LOSS),
        0,
      )
      assert.ok(
        Math.abs(served - first.loss![0]!) < 1e-5 * Math.max(1, served),
        `${served}, trained on ${first.loss![0]}`,
      )
      const second = await step(first.nextP!, 0)
      assert.ok(second.loss![0]! < first.loss![0]!)
      // Rate 0 measures without moving.
      assert.deepEqual(second.nextP, first.nextP)
      await Promise.all([session.release(), serving.release()])
    },
  )

// Wide enough for onnxruntime to cut its products among threads, which changed their last bits
// before they were kept short.
for (const batch of [32, 64])
  test(`a step with batch ${batch} has the same bits on one thread and on two`, async () => {
    const network = sequenceNetwork({ steps: 3, table: 50 }, SEQUENCE_SIZES.full)
    const built = trainGraph(network, { batch, dropout: false })
    const rng = makeRng('threads')
    const draw = (...shape: number[]): Numbers => ({
      data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal()),
      shape,
    })
    const P = startWeights(built.layout, rng)
    const flat = (data: Float32Array): Numbers => ({ data, shape: [data.length] })
    const scalar = (x: number): Numbers => ({ data: Float32Array.of(x), shape: [] })
    const zero = flat(new Float32Array(P.length))
    const optimiser = {
      P: flat(P),
      M: zero,
      V: zero,
      rate: scalar(1e-2),
      correction: scalar(1000),
      decay: scalar(0),
    }
    const feeds = {
      ...optimiser,
      window: draw(batch, 3, 5),
      table: draw(batch, 50),
      y: draw(batch, 3),
      weight: { ...draw(batch, 3), data: new Float32Array(batch * 3).fill(1 / batch) },
    }
    const after: Buffer[] = []
    for (const threads of [1, 2]) {
      const session = await openSession(built.model, threads)
      after.push(Buffer.from((await session.run(feeds)).nextM!.buffer))
      await session.release()
    }
    assert.ok(after[0]!.equals(after[1]!))
  })
