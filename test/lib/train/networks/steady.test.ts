import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeRng } from '../../../../lib/base/rng.ts'
import { encodeModel } from '../../../../lib/onnx/encode-model.ts'
import { type Graph, makeGraph } from '../../../../lib/onnx/graph.ts'
import { openSession } from '../../../../lib/onnx/session.ts'
import { emitDistance } from '../../../../lib/train/networks/net/distance-graph.ts'
import { emitLog } from '../../../../lib/train/networks/net/preparation.ts'

const ROWS = 256

/**
 * Runs rows [256, width] whole and in pieces; every bit must be that of the whole. Returns the
 * whole.
 */
async function steady(
  width: number,
  emit: (graph: Graph, x: string) => string,
  out = width,
): Promise<Float32Array> {
  const graph = makeGraph('steady')
  graph.emit('Identity', [emit(graph, graph.input('x', ['N', width]))], ['y'])
  graph.output('y', ['N', out])
  const session = await openSession(encodeModel(graph))
  const rng = makeRng(`steady ${width}`)
  const data = Float32Array.from({ length: ROWS * width }, () =>
    rng.next() < 0.1 ? Number.NaN : rng.normal() * 50,
  )
  const run = async (from: number, rows: number): Promise<Float32Array> =>
    (
      await session.run(
        [{ name: 'x', data: data.slice(from * width, (from + rows) * width), shape: [width] }],
        rows,
      )
    ).get('y')!
  const whole = await run(0, ROWS)
  for (const rows of [1, 2, 3, 7, 64])
    for (let from = 0; from + rows <= ROWS; from += rows) {
      const expected = [...whole.slice(from * out, (from + rows) * out)]
      assert.deepEqual([...(await run(from, rows))], expected, `${width} wide, ${rows} rows`)
    }
  await session.release()
  return whole
}

test('logarithms have the same bits in a batch and alone, whatever the width', async () => {
  for (const width of [1, 5, 16, 23]) await steady(width, (graph, x) => emitLog(graph, x, width))
})

test(
  'the distance: root mean square of known columns over equal groups, the same bits in a batch ' +
    'and alone',
  async () => {
    const width = 27
    const scaler = {
      mean: Array(width).fill(1),
      inverse: Array(width).fill(0.02),
      partial: Array(width).fill(0),
    }
    const made = [
      { name: 'window', shape: [width] },
      { name: 'table', shape: [width] },
    ]
    const groups = (x: string) => made.map(({ name }) => ({ name, columns: x }))
    await steady(
      width,
      (graph, x) => emitDistance(graph, groups(x), { window: scaler, table: scaler }, { made }),
      1,
    )
  },
)

test('the distance of one row by hand', async () => {
  const graph = makeGraph('hand')
  const [window, table] = [graph.input('window', ['N', 2, 1]), graph.input('table', ['N', 3])]
  const made = [
    { name: 'window', shape: [2, 1] },
    { name: 'table', shape: [3] },
  ]
  const scalers = {
    window: { mean: [1], inverse: [1], partial: [0] },
    table: { mean: [0, 0, 0], inverse: [1, 0.5, 1], partial: [0, 0, 0] },
  }
  const groups = [
    { name: 'window', columns: window },
    { name: 'table', columns: table },
  ]
  const out = graph.output(emitDistance(graph, groups, scalers, { made }), ['N', 1])
  const session = await openSession(encodeModel(graph))
  const found = await session.run(
    [
      { name: 'window', data: Float32Array.of(3, 1), shape: [2, 1] },
      { name: 'table', data: Float32Array.of(3, 8, Number.NaN), shape: [3] },
    ],
    1,
  )
  await session.release()
  // Window ((3−1)² + 0)/2 = 2; table (3² + (8/2)²)/2 known = 12.5; √((2 + 12.5)/2).
  assert.ok(Math.abs(found.get(out)![0]! - Math.sqrt(7.25)) < 1e-6)
})
