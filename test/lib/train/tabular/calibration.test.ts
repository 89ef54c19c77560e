import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeRng } from '../../../../lib/base/rng.ts'
import { encodeModel } from '../../../../lib/onnx/encode-model.ts'
import { makeGraph } from '../../../../lib/onnx/graph.ts'
import { openSession } from '../../../../lib/onnx/ort.ts'
import { emitLink } from '../../../../lib/train/networks/net/serve-graph.ts'
import {
  type Calibrator,
  calibrate,
  fitCalibrator,
  fitIsotonic,
  fitPlatt,
  isotonic,
} from '../../../../lib/train/tabular/calibration.ts'

test('Platt’s scaling of three scores', () => {
  // scikit-learn, test_calibration.py: A = −.20261354, B = .65236315 in 1/(1 + exp(A f + B)), to
  // three decimals.
  const { slope, shift } = fitPlatt(Float64Array.of(5, -4, 1), Uint8Array.of(1, 0, 0))
  assert.ok(Math.abs(slope - 0.20261354391187855) < 1e-3, String(slope))
  assert.ok(Math.abs(shift + 0.6523631498001051) < 1e-3, String(shift))
})

test('isotonic regression pools what falls', () => {
  assert.deepEqual(isotonic([1, 3, 2, 4, 3.5, 5]), [1, 2.5, 2.5, 3.75, 3.75, 5])
  assert.deepEqual(isotonic([3, 2, 1]), [2, 2, 2])
})

test('a knot of n rows claims no more than its rows support', () => {
  // 1,200 rows, the upper half all ones: 1200/64 = 18.75 < 50 rows a knot, so 24 knots of 50; base
  // rate 1/2. The best knot pools the 12 upper ones: (600 + 2·½)/(600 + 2) = 601/602; nothing seen
  // of a class is not impossible.
  const z = Float64Array.from({ length: 1200 }, (_, i) => i)
  const sharp = fitIsotonic(
    z,
    z.map(x => (x >= 600 ? 1 : 0)),
  )
  assert.deepEqual(sharp.p, [1 / 602, 601 / 602].map(Math.fround))
  // Five ones at the top of 2,000 zeros: the last 50 rows together are 5 in 50, b = 5/2000: (5 +
  // .005)/52.
  const wide = Float64Array.from({ length: 2000 }, (_, i) => i)
  const rare = fitIsotonic(
    wide,
    wide.map(x => (x >= 1995 ? 1 : 0)),
  )
  assert.equal(rare.p.at(-1), Math.fround(5.005 / 52))
  assert.ok(
    rare.p.every((p, k) => k === 0 || p > rare.p[k - 1]!) &&
      rare.z.every((x, k) => k === 0 || x > rare.z[k - 1]!),
  )
  // Equal scores cannot get different values, however many they are.
  assert.equal(
    fitIsotonic(
      new Float64Array(1500),
      wide.subarray(0, 1500).map(x => x % 2),
    ).p.length,
    1,
  )
})

/** Scores whose true probability is σ(2z − 1). */
function scores(n: number): { z: Float64Array; y: Uint8Array } {
  const rng = makeRng('scores')
  const z = Float64Array.from({ length: n }, () => rng.normal())
  return { z, y: Uint8Array.from(z, x => Number(rng.next() < 1 / (1 + Math.exp(1 - 2 * x)))) }
}

test('the method follows from the rows', () => {
  const { z, y } = scores(3000)
  const few = fitCalibrator(z.slice(0, 12), y.slice(0, 12), -0.7)
  assert.deepEqual(few, { method: 'prior', slope: 1, shift: -0.7, rows: 12 })
  const platt = fitCalibrator(z.slice(0, 999), y.slice(0, 999), 0)
  assert.ok(
    platt.method === 'platt' && Math.abs(platt.slope - 2) < 0.4 && Math.abs(platt.shift + 1) < 0.3,
  )
  assert.equal(fitCalibrator(z, y, 0, false).method, 'platt')
  const steps = fitCalibrator(z, y, 0)
  assert.equal(steps.method, 'isotonic')
  for (const at of [-1, 0, 1])
    assert.ok(Math.abs(calibrate(steps, at) - 1 / (1 + Math.exp(1 - 2 * at))) < 0.08)
})

test('the serving graph gives the calibrated probability', async () => {
  const { z, y } = scores(3000)
  const all: Calibrator[] = [
    fitCalibrator(z, y, 0),
    fitCalibrator(z, y, 0, false),
    { method: 'prior', slope: 1, shift: -2, rows: 0 },
    { method: 'isotonic', z: [0.5], p: [0.25], rows: 1000 },
  ]
  for (const calibrator of all) {
    const graph = makeGraph('link')
    const out = emitLink(graph, graph.input('z', ['N', 1]), { kind: 'probability', calibrator })
    graph.output(out, ['N', 1])
    const session = await openSession(encodeModel(graph))
    const at = Float32Array.of(-50, -2.5, -1, -0.3, 0, 0.2, 0.9, 1.7, 3, 50)
    const found = await session.run({ z: { data: at, shape: [at.length, 1] } })
    for (const [i, x] of at.entries()) {
      const expected = calibrate(calibrator, x)
      assert.ok(
        Math.abs(found[out]![i]! - expected) < 1e-5,
        `${calibrator.method} at ${x}: ${found[out]![i]}, expected ${expected}`,
      )
    }
    await session.release()
  }
})
