import { makeRng, type Rng } from '../../../base/rng.ts'
import type { Numbers } from '../../../onnx/ort.ts'
import { ADAM } from '../../autodiff/adam.ts'
import { gather } from '../net/prepare-rows.ts'
import type { Checkpoint } from './epoch-checkpoint.ts'
import type { FitOptions, Run } from './fit-network.ts'
import { dropoutMask, learningRate } from './schedule.ts'
import type { TrainGraph } from './train-graph.ts'

/** Learning rate of a step of this run. */
export function rateAt({ options, perEpoch }: Run, step: number): number {
  const total = perEpoch * options.epochs
  return learningRate(step, {
    peak: options.learningRate,
    warmup: Math.ceil(options.warmup * total),
    total,
  })
}

/**
 * One step on the given rows; undefined, and nothing changed, when loss or gradient is not finite.
 */
export async function trainStep(
  run: Run,
  state: Checkpoint,
  rows: readonly number[],
): Promise<number | undefined> {
  const { network, data, options, built, session } = run
  const { batch } = options
  const heads = network.heads.length
  // The graph has a fixed batch: a short one is filled with copies of its first row that weigh
  // nothing.
  const filled =
    rows.length === batch ? rows : [...rows, ...Array<number>(batch - rows.length).fill(rows[0]!)]
  const labels = gather(
    [
      { name: 'y', shape: [heads] },
      { name: 'weight', shape: [heads] },
    ],
    { y: data.y, weight: data.weight },
    filled,
  )
  const weight = labels.weight!.data.map((w, i) => (i < rows.length * heads ? w / batch : 0))
  const lr = rateAt(run, state.step)
  const t = state.step + 1
  const scalar = (x: number): Numbers => ({ data: Float32Array.of(x), shape: [] })
  const flat = (x: Float32Array): Numbers => ({ data: x, shape: [x.length] })
  const out = await session.run({
    ...gather(network.inputs, data.inputs, filled),
    ...dropout(built, options, makeRng(options.seed).fork(`dropout ${state.step}`)),
    ...labels,
    weight: { data: weight, shape: [batch, heads] },
    P: flat(state.P),
    M: flat(state.M),
    V: flat(state.V),
    rate: scalar(lr / (1 - ADAM.beta1 ** t)),
    correction: scalar(1 / (1 - ADAM.beta2 ** t)),
    decay: scalar(lr * options.weightDecay),
  })
  if (!Number.isFinite(out.loss![0]) || !Number.isFinite(out.norm![0])) return undefined
  Object.assign(state, { P: out.nextP, M: out.nextM, V: out.nextV })
  return out.loss![0]
}

function dropout({ masks }: TrainGraph, options: FitOptions, rng: Rng): Record<string, Numbers> {
  return Object.fromEntries(
    masks.map(({ name, shape }) => {
      const size = shape.reduce((product, side) => product * side, 1)
      return [name, { data: dropoutMask(size, options.dropout, rng.fork(name)), shape }]
    }),
  )
}
