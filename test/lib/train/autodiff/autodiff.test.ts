import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { makeRng } from '../../../../lib/base/rng.ts'
import { encodeModel } from '../../../../lib/onnx/encode-model.ts'
import { makeGraph } from '../../../../lib/onnx/graph.ts'
import { type Numbers, openSession } from '../../../../lib/onnx/ort.ts'
import { attention } from '../../../../lib/train/autodiff/attention.ts'
import { add, mask, relu, scale } from '../../../../lib/train/autodiff/elementwise.ts'
import { linear, matmul } from '../../../../lib/train/autodiff/linear.ts'
import { type HeadKind, maskedLoss } from '../../../../lib/train/autodiff/losses.ts'
import { lstm } from '../../../../lib/train/autodiff/lstm.ts'
import { layerNorm, softmax } from '../../../../lib/train/autodiff/normalise.ts'
import {
  concatLast,
  last,
  mean,
  reshape,
  splitLast,
  transpose,
} from '../../../../lib/train/autodiff/shape.ts'
import { makeTape, sizeOf, type Tape, type Value } from '../../../../lib/train/autodiff/tape.ts'

type Build = (tape: Tape, inputs: Value[]) => Value

/**
 * Largest difference between emitted gradients and central differences of Σ C⊙out, relative to the
 * largest gradient.
 */
async function gradientError(shapes: number[][], build: Build): Promise<number> {
  const rng = makeRng('gradient')
  const graph = makeGraph('check')
  const tape = makeTape(graph)
  const inputs = shapes.map((shape, i) => ({ name: graph.input(`x${i}`, shape), shape }))
  const out = build(tape, inputs)
  const weight = graph.floats(
    Float32Array.from({ length: sizeOf(out.shape) }, () => rng.normal()),
    out.shape,
  )
  graph.emit('ReduceSum', [graph.op('Mul', [out.name, weight])], ['loss'], { keepdims: 0 })
  graph.output('loss', [])
  const gradientOf = tape.backward(out, weight)
  for (const [i, input] of inputs.entries()) {
    graph.emit('Identity', [gradientOf(input)!], [`d${i}`])
    graph.output(`d${i}`, input.shape)
  }
  const session = await openSession(encodeModel(graph))
  const at: Record<string, Numbers> = {}
  for (const { name, shape } of inputs)
    at[name] = { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()) }
  const exact = await session.run(at)
  const size = Math.max(...inputs.flatMap((_, i) => [...exact[`d${i}`]!].map(Math.abs)))
  let worst = 0
  for (const [i, { name, shape }] of inputs.entries())
    for (let k = 0; k < sizeOf(shape); k++) {
      const moved = async (by: number): Promise<number> => {
        const data = at[name]!.data.slice()
        data[k]! += by
        return (await session.run({ ...at, [name]: { shape, data } })).loss![0]!
      }
      const slope = ((await moved(5e-3)) - (await moved(-5e-3))) / 1e-2
      worst = Math.max(worst, Math.abs(slope - exact[`d${i}`]![k]!) / size)
    }
  await session.release()
  return worst
}

const directions = (inputs: Value[]): { W: Value; R: Value; b: Value }[] =>
  inputs.length > 3
    ? [...directions(inputs.slice(0, 3)), ...directions(inputs.slice(3))]
    : [{ W: inputs[0]!, R: inputs[1]!, b: inputs[2]! }]

const H = 2
const weights = [[3, 4 * H], [H, 4 * H], [4 * H]]
const operations: Record<string, { shapes: number[][]; build: Build }> = {
  add: {
    shapes: [
      [2, 3],
      [2, 3],
    ],
    build: (t, [a, b]) => add(t, a!, b!),
  },
  'add for every row': {
    shapes: [
      [2, 3, 2],
      [3, 2],
    ],
    build: (t, [a, b]) => add(t, a!, b!),
  },
  'add to itself': { shapes: [[2, 3]], build: (t, [a]) => add(t, a!, a!) },
  mask: {
    shapes: [[2, 3, 2]],
    build: (t, [a]) =>
      mask(t, a!, {
        name: t.graph.floats([0, 2, 1, 3, 0.5, 0], [1, 3, 2]),
        shape: [1, 3, 2],
        fixed: true,
      }),
  },
  scale: { shapes: [[2, 3]], build: (t, [a]) => scale(t, a!, -1.5) },
  relu: { shapes: [[4, 5]], build: (t, [a]) => relu(t, a!) },
  reshape: { shapes: [[2, 6]], build: (t, [a]) => reshape(t, a!, [3, 4]) },
  transpose: { shapes: [[2, 3, 4]], build: (t, [a]) => transpose(t, a!, [2, 0, 1]) },
  'split and concat': {
    shapes: [[2, 6]],
    build: (t, [a]) => {
      const [x, y, z] = splitLast(t, a!, 3)
      return concatLast(t, [relu(t, z!), x!, scale(t, y!, 2)])
    },
  },
  'split with an unused part': {
    shapes: [[2, 4]],
    build: (t, [a]) => relu(t, splitLast(t, a!, 2)[1]!),
  },
  mean: { shapes: [[2, 3, 4]], build: (t, [a]) => mean(t, a!, 1) },
  last: { shapes: [[2, 3, 4]], build: (t, [a]) => last(t, a!, 1) },
  'linear of a matrix': {
    shapes: [[3, 4], [4, 2], [2]],
    build: (t, [a, W, b]) => linear(t, a!, W!, b!),
  },
  'linear of a sequence': {
    shapes: [[2, 3, 4], [4, 2], [2]],
    build: (t, [a, W, b]) => linear(t, a!, W!, b!),
  },
  matmul: {
    shapes: [
      [2, 2, 3, 4],
      [2, 2, 4, 2],
    ],
    build: (t, [a, b]) => matmul(t, a!, b!),
  },
  softmax: { shapes: [[2, 5]], build: (t, [a]) => softmax(t, a!) },
  layerNorm: { shapes: [[2, 3, 5], [5], [5]], build: (t, [a, g, b]) => layerNorm(t, a!, g!, b!) },
  attention: {
    shapes: [[2, 3, 4], [4, 12], [12], [4, 4], [4]],
    build: (t, [x, inW, inB, outW, outB]) =>
      attention(t, x!, { inW: inW!, inB: inB!, outW: outW!, outB: outB! }, 2),
  },
  'lstm, one direction': {
    shapes: [[4, 2, 3], ...weights],
    build: (t, [x, ...w]) => lstm(t, x!, directions(w)),
  },
  'lstm, two directions': {
    shapes: [[4, 2, 3], ...weights, ...weights],
    build: (t, [x, ...w]) => lstm(t, x!, directions(w)),
  },
}

for (const [name, { shapes, build }] of Object.entries(operations))
  test(`gradient of ${name} equals central differences`, async () => {
    const error = await gradientError(shapes, build)
    assert.ok(error < 5e-3, `off by ${error}`)
  })

test('every operation has such a check: what takes a tape is one', async () => {
  const home = new URL('../../../../lib/train/autodiff/', import.meta.url)
  const found: string[] = []
  for (const file of readdirSync(home)) {
    const name = file.slice(0, -3)
    const exported: Record<string, unknown> = await import(
      `../../../../lib/train/autodiff/${name}.ts`
    )
    for (const [name, value] of Object.entries(exported))
      if (typeof value === 'function' && /^function \w+\(tape\b/.test(value.toString()))
        found.push(name)
  }
  assert.ok(found.includes('lstm') && found.length >= 14, found.join())
  const checked = Object.values(operations).map(({ build }) => build.toString())
  const missing = found.filter(
    name => !checked.some(source => new RegExp(`\\b${name}\\)?\\(t\\b`).test(source)),
  )
  assert.deepEqual(missing, [])
})

/** Loss and gradient by z of one batch. */
async function lossOf(
  kinds: HeadKind[],
  z: number[],
  y: number[],
  weight: number[],
  focal = 0,
): Promise<{ loss: number; gradient: number[] }> {
  const graph = makeGraph('loss')
  const shape = [z.length / kinds.length, kinds.length]
  const names = ['z', 'y', 'w'].map(name => graph.input(name, shape))
  const made = maskedLoss(graph, { z: names[0]!, y: names[1]!, weight: names[2]! }, kinds, {
    delta: 1,
    focal,
  })
  graph.output(made.loss, [])
  graph.output(made.gradient, shape)
  const session = await openSession(encodeModel(graph))
  const at = (data: number[]): Numbers => ({ data: Float32Array.from(data), shape })
  const found = await session.run({ z: at(z), y: at(y), w: at(weight) })
  await session.release()
  return { loss: found[made.loss]![0]!, gradient: [...found[made.gradient]!] }
}

const near = (found: number | undefined, expected: number, tolerance = 2e-6): void =>
  assert.ok(
    Math.abs((found ?? Number.NaN) - expected) <= tolerance,
    `${found}, expected ${expected}`,
  )

test('losses at the values PyTorch gives', async () => {
  near((await lossOf(['binary'], [0.7], [1], [1])).loss, 0.4031860829)
  near((await lossOf(['binary'], [0.7], [1], [3])).loss, 1.2095582485)
  near((await lossOf(['regression'], [0.5], [0], [1])).loss, 0.125)
  near((await lossOf(['regression'], [2], [0], [1])).loss, 1.5)
  // A weight of 0 hides the head, whatever its label: only the regression part is left.
  const both = await lossOf(['binary', 'regression'], [0.7, -2], [1, 0], [0, 2])
  near(both.loss, 3)
  assert.deepEqual(
    both.gradient.map(g => g + 0),
    [0, -2],
  )
  // Focal, γ = 2, z = .7, y = 1: p = .66818777, (1−p)² ce = .11009935 · .40318608 = .04439053.
  near((await lossOf(['binary'], [0.7], [1], [1], 2)).loss, 0.04439053)
})

test('gradients of the losses equal central differences', async () => {
  const kinds: HeadKind[] = ['binary', 'regression', 'binary']
  const z = [0.3, -0.4, 2, -1.2, 1.8, 0.1]
  const y = [1, 0.2, 0, 0, -0.5, 1]
  const weight = [1, 2, 0.5, 0.3, 1, 0]
  for (const focal of [0, 2, 0.5]) {
    const { gradient } = await lossOf(kinds, z, y, weight, focal)
    for (const k of z.keys()) {
      const moved = async (by: number): Promise<number> =>
        (
          await lossOf(
            kinds,
            z.map((x, i) => (i === k ? x + by : x)),
            y,
            weight,
            focal,
          )
        ).loss
      near(gradient[k], ((await moved(1e-2)) - (await moved(-1e-2))) / 2e-2, 1e-3)
    }
  }
})
