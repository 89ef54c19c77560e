import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeRng } from '../../../lib/rng.ts'
import { applyCalibration, calibrate, isotonic, platt } from '../../../lib/train/calibrate.ts'

test('Platt: scikit-learn test_sigmoid_calibration', () => {
  // sklearn: F = [5, −4, 1], y = [1, −1, −1] → A = −0.20261354391187855, B = 0.65236314980010512, p = 1/(1+e^{AF+B}).
  const found = platt(Float64Array.of(5, -4, 1), Float64Array.of(1, 0, 0))
  assert.ok(Math.abs(found.slope - 0.20261354391187855) < 1e-3)
  assert.ok(Math.abs(found.offset + 0.65236314980010512) < 1e-3)
})

test('isotonic: pooled blocks of 1, 3, 2, 4, 3.5, 5 are 1, 2.5, 3.75, 5', () => {
  const z = Float64Array.of(0, 1, 2, 3, 4, 5)
  const found = isotonic(z, Float64Array.of(1, 3, 2, 4, 3.5, 5))
  assert.deepEqual(
    [...z].map(x => applyCalibration(found, x)),
    [1, 2.5, 2.5, 3.75, 3.75, 5],
  )
})

test('equal scores share a value; a decreasing relation becomes one block', () => {
  assert.deepEqual(isotonic(Float64Array.of(1, 1, 1), Float64Array.of(0, 1, 0)).values, [Math.fround(1 / 3)])
  assert.deepEqual(isotonic(Float64Array.of(1, 2), Float64Array.of(1, 0)).values, [0.5])
})

test('Platt below 1,000 rows, isotonic above, never exactly 0 or 1', () => {
  const rng = makeRng(3)
  const z = Float64Array.from({ length: 1200 }, () => rng.normal())
  const label = z.map(x => (x > 0 ? 1 : 0))
  assert.equal(calibrate(z.subarray(0, 999), label.subarray(0, 999)).kind, 'platt')
  const found = calibrate(z, label)
  assert.equal(found.kind, 'isotonic')
  assert.ok(applyCalibration(found, -9) > 0 && applyCalibration(found, 9) < 1)
})
