import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeRng } from '../../../../lib/base/rng.ts'
import { encodeModel } from '../../../../lib/onnx/encode-model.ts'
import { makeGraph } from '../../../../lib/onnx/graph.ts'
import { openSession } from '../../../../lib/onnx/ort.ts'
import { ADAM, type AdamOptions, adamStep } from '../../../../lib/train/autodiff/adam.ts'
import { matmul } from '../../../../lib/train/autodiff/linear.ts'
import { lstm } from '../../../../lib/train/autodiff/lstm.ts'
import { serveLstm } from '../../../../lib/train/autodiff/lstm-serve.ts'
import { layerNorm, softmax } from '../../../../lib/train/autodiff/normalise.ts'
import { makeTape, type Tape, type Value } from '../../../../lib/train/autodiff/tape.ts'

/** Numbers that a graph without inputs computes. */
async function numbersOf(
  build: (tape: Tape, constant: (data: number[], shape: number[]) => Value) => Value,
): Promise<number[]> {
  const graph = makeGraph('value')
  const out = build(makeTape(graph), (data, shape) => ({ name: graph.floats(data, shape), shape }))
  graph.output(out.name, out.shape)
  const session = await openSession(encodeModel(graph))
  const found = await session.run({})
  await session.release()
  return [...found[out.name]!]
}

function near(found: ArrayLike<number>, expected: number[], tolerance = 1e-6): void {
  assert.equal(found.length, expected.length)
  for (const [i, x] of expected.entries())
    assert.ok(Math.abs(found[i]! - x) <= tolerance, `[${i}] ${found[i]}, expected ${x}`)
}

test('LSTM of one unit, all weights .5, over 1, 2, 3', async () => {
  const half = (n: number): number[] => Array<number>(n).fill(0.5)
  const h = await numbersOf((tape, constant) => {
    const x = constant([1, 2, 3], [3, 1, 1])
    return lstm(tape, x, [
      {
        W: constant(half(4), [1, 4]),
        R: constant(half(4), [1, 4]),
        b: constant([0, 0, 0, 0], [4]),
      },
    ])
  })
  // PyTorch nn.LSTM; first step by hand: σ(.5)·tanh(σ(.5)·tanh .5) = .6224593·tanh(.2876472) =
  // .1742697.
  near(h, [0.1742697, 0.5008593, 0.7700233])
})

test('LayerNorm of 1, 2, 3, 4', async () => {
  const y = await numbersOf((tape, constant) =>
    layerNorm(
      tape,
      constant([1, 2, 3, 4], [1, 4]),
      constant([1, 1, 1, 1], [4]),
      constant([0, 0, 0, 0], [4]),
    ),
  )
  // (x − 2.5)/√(1.25 + 1e-5)
  near(y, [-1.3416354657, -0.4472118616, 0.4472118616, 1.3416354657])
})

test('scaled dot-product attention of two steps', async () => {
  const weights = (tape: Tape, constant: (data: number[], shape: number[]) => Value): Value => {
    // q = I, kᵀ of k = [[1, 1], [0, 2]], scores / √2
    const scores = matmul(
      tape,
      constant([1, 0, 0, 1], [1, 1, 2, 2]),
      constant(
        [1, 0, 1, 2].map(x => x / Math.SQRT2),
        [1, 1, 2, 2],
      ),
    )
    return softmax(tape, scores)
  }
  near((await numbersOf(weights)).slice(0, 2), [0.6697615385, 0.3302384615])
  const out = await numbersOf((tape, constant) =>
    matmul(tape, weights(tape, constant), constant([1, 2, 3, 4], [1, 1, 2, 2])),
  )
  near(out, [1.6604769, 2.6604769, 2.3395228, 3.3395231])
})

/** Runs Adam over given gradients from p = `start` and returns p after each step. */
async function runAdam(
  start: number[],
  gradients: number[][],
  options: AdamOptions,
  lambda = 0,
): Promise<number[][]> {
  const n = start.length
  const graph = makeGraph('adam')
  const [P, M, V, G] = ['P', 'M', 'V', 'G'].map(name => graph.input(name, [n])) as [
    string,
    string,
    string,
    string,
  ]
  adamStep(graph, { P, M, V, G, decayed: graph.floats(Array(n).fill(1), [n]) }, n, options)
  const session = await openSession(encodeModel(graph))
  const at = (data: ArrayLike<number>, shape = [n]) => ({ data: Float32Array.from(data), shape })
  let state = { P: at(start), M: at(Array(n).fill(0)), V: at(Array(n).fill(0)) }
  const path: number[][] = []
  for (const [i, g] of gradients.entries()) {
    const scalars = {
      rate: 1e-3 / (1 - options.beta1 ** (i + 1)),
      correction: 1 / (1 - options.beta2 ** (i + 1)),
      decay: 1e-3 * lambda,
    }
    const feeds = Object.fromEntries(
      Object.entries(scalars).map(([name, x]) => [name, at([x], [])]),
    )
    const out = await session.run({ ...state, ...feeds, G: at(g) })
    state = { P: at(out.nextP!), M: at(out.nextM!), V: at(out.nextV!) }
    path.push([...out.nextP!])
  }
  await session.release()
  return path
}

test('Adam over three gradients', async () => {
  near(
    (await runAdam([1], [[0.5], [-0.25], [0.1]], ADAM)).flat(),
    [0.99900001, 0.9987337, 0.99841845],
    1e-7,
  )
})

test('weight decay is apart from the gradient, and long gradients are cut to length', async () => {
  // Without a gradient only the decay acts: 1·(1 − 1e-3·10) = .99.
  near((await runAdam([1], [[0]], ADAM, 10))[0]!, [0.99], 1e-7)
  // (3, 4) has length 5; cut to 1 it is (.6, .8). With β₁ = 0 and ε = 1 the step is lr·g/(|g| + 1).
  const options = { ...ADAM, beta1: 0, epsilon: 1, clip: 1 }
  near(
    (await runAdam([0, 0], [[3, 4]], options))[0]!,
    [-1e-3 * (0.6 / 1.6), -1e-3 * (0.8 / 1.8)],
    1e-8,
  )
})

test('the serving LSTM equals the training LSTM', async () => {
  const [steps, batch, width, hidden] = [5, 3, 4, 6]
  for (const count of [1, 2]) {
    const rng = makeRng(`serve ${count}`)
    const draw = (n: number): number[] =>
      Array.from({ length: n }, () => Math.fround(rng.normal() * 0.5))
    const x = draw(steps * batch * width)
    const numbers = Array.from({ length: count }, () => ({
      W: draw(width * 4 * hidden),
      R: draw(hidden * 4 * hidden),
      b: draw(4 * hidden),
    }))
    const trained = await numbersOf((tape, constant) =>
      lstm(
        tape,
        constant(x, [steps, batch, width]),
        numbers.map(({ W, R, b }) => ({
          W: constant(W, [width, 4 * hidden]),
          R: constant(R, [hidden, 4 * hidden]),
          b: constant(b, [4 * hidden]),
        })),
      ),
    )
    const served = await numbersOf((tape, constant) => {
      const floats = numbers.map(({ W, R, b }) => ({
        W: Float32Array.from(W),
        R: Float32Array.from(R),
        b: Float32Array.from(b),
      }))
      return {
        ...serveLstm(
          tape.graph,
          { ...constant(x, [steps, batch, width]), shape: [steps, -1, width] },
          floats,
          hidden,
        ),
        shape: [steps, batch, count * hidden],
      }
    })
    near(served, trained, 1e-6)
  }
})
