import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeRng } from '../../../../lib/base/rng.ts'
import { encodeModel } from '../../../../lib/onnx/encode-model.ts'
import { makeGraph } from '../../../../lib/onnx/graph.ts'
import { openSession } from '../../../../lib/onnx/session.ts'
import { calibrate } from '../../../../lib/train/tabular/calibration.ts'
import { emitCalibrator } from '../../../../lib/train/tabular/link.ts'

test('a calibrated score does not depend on the rows beside it', async () => {
  const rng = makeRng('link')
  const z = Array.from({ length: 40 }, () => rng.normal() * 3).sort((a, b) => a - b)
  const p = Array.from({ length: 40 }, () => rng.next()).sort((a, b) => a - b)
  const calibrator = { method: 'isotonic' as const, z, p, rows: 5000 }
  const graph = makeGraph('link')
  graph.input('z', ['N', 1])
  graph.emit('Identity', [emitCalibrator(graph, 'z', calibrator)], ['p'])
  graph.output('p', ['N', 1])
  const session = await openSession(encodeModel(graph, { opset: 17, mlOpset: 3 }))
  const scores = Float32Array.from({ length: 500 }, () => rng.normal() * 3)
  const run = async (data: Float32Array): Promise<Float32Array> =>
    (await session.run([{ name: 'z', data, shape: [1] }], data.length)).get('p')!
  const whole = await run(scores)
  for (const size of [1, 2, 3, 7, 64]) {
    for (let i = 0; i + size <= 192; i += size) {
      assert.deepEqual(
        await run(scores.slice(i, i + size)),
        whole.slice(i, i + size),
        `rows ${i} to ${i + size}`,
      )
    }
  }
  for (const [i, score] of scores.entries())
    assert.ok(Math.abs(calibrate(calibrator, score) - whole[i]!) < 1e-6)
  await session.release()
})
