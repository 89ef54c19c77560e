import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeRng } from '../../../lib/base/rng.ts'
import { judgeOthers } from '../../../lib/learn/other-heads.ts'
import type { LoadedBundle } from '../../../lib/model/files.ts'
import { encodeModel } from '../../../lib/onnx/encode-model.ts'
import { makeGraph } from '../../../lib/onnx/graph.ts'

/** `maxProfit` is `factor` times the one input; the first head is its σ. */
function versionWith(version: string, factor: number): LoadedBundle {
  const graph = makeGraph('two heads')
  const x = graph.input('x', ['N', 1])
  graph.emit('Sigmoid', [x], ['p'])
  graph.emit('Mul', [x, graph.scalar(factor)], ['m'])
  graph.output('p', ['N', 1])
  graph.output('m', ['N', 1])
  const heads = [
    { name: 'profitable', output: 'p' },
    { name: 'maxProfit', output: 'm' },
  ]
  const bundle = { version, model: { minBatch: 1 }, heads }
  return { bundle, model: encodeModel(graph) } as unknown as LoadedBundle
}

test('a further head that is worse is seen, on the rows whose label is known', async () => {
  const rng = makeRng('heads')
  const x = Float32Array.from({ length: 200 }, () => rng.normal())
  // What came of it is the input itself; of each tenth row nobody knows.
  const labels = Float64Array.from(x, (value, i) => (i % 10 === 0 ? Number.NaN : value))
  const labelled = {
    others: [{ name: 'maxProfit', aim: 'numbers' as const, labels }],
    feeds: (_: unknown, rows: Int32Array) => [
      { name: 'x', data: Float32Array.from(rows, i => x[i]!), shape: [1] },
    ],
  }
  const rows = Int32Array.from(x.keys())
  const judged = async (champion: number, challenger: number) => {
    const [a, b] = [versionWith('1', champion), versionWith('2', challenger)]
    const rules = { minGain: 0.05 }
    const [only] = await judgeOthers({ champion: a, challenger: b, labelled, rows, rules })
    assert.deepEqual([only!.name, only!.found.rows], ['maxProfit', 180])
    return only!.found.verdict
  }
  assert.equal(await judged(1, -1), 'worse')
  assert.equal(await judged(-1, 1), 'better')
  const bare = versionWith('3', 1)
  bare.bundle.heads.pop()
  const without = { champion: versionWith('1', 1), challenger: bare, labelled, rows }
  assert.deepEqual(await judgeOthers({ ...without, rules: { minGain: 0.05 } }), [])
})
