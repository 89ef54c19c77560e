import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeRng, type Rng } from '../../../lib/base/rng.ts'
import { closenessOf, rankFeature, rankLabel, TOO_CLOSE } from '../../../lib/export/closeness.ts'
import { auc } from '../../../lib/maths/auc.ts'

const column = (n: number, of: (i: number) => number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => of(i))
const close = (x: Float64Array, y: Float64Array) => closenessOf(rankFeature(x), rankLabel(y))

function isCalled(x: Float64Array, y: Float64Array): boolean {
  const { auc: area = 0, rho = 0, information = 0 } = close(x, y) ?? {}
  return area >= TOO_CLOSE.auc || rho >= TOO_CLOSE.rho || information >= TOO_CLOSE.information
}

test('what can only come from the label is called so, whatever its shape', () => {
  const rng = makeRng('leaks')
  const change = column(400, () => rng.normal() * 0.2)
  const yes = change.map(x => (x > 0.1 ? 1 : 0))
  const rare = change.map(x => (x > 0.28 ? 1 : 0))
  const flipped = (y: Float64Array) => y.map(x => (rng.next() < 0.02 ? 1 - x : x))
  const leaks: [string, Float64Array, Float64Array][] = [
    ['2 % of a label flipped', flipped(yes), yes],
    ['the same of a rare one', flipped(rare), rare],
    ['its opposite', yes.map(x => -x), yes],
    ['exp(10·return)', change.map(x => Math.exp(10 * x)), change],
    ['tanh', change.map(Math.tanh), change],
    ['2 % noise', change.map(x => x + 0.02 * 0.2 * rng.normal()), change],
    [
      'its size without its sign',
      change.map(x => Math.abs(x)),
      change.map(x => (Math.abs(x) > 0.1 ? 1 : 0)),
    ],
    ['known where it is true', yes.map(x => (x === 1 ? rng.normal() : Number.NaN)), yes],
    ['bands', change.map(x => Math.cos(40 * x)), change.map(x => (Math.cos(40 * x) > 0 ? 1 : 0))],
    [
      'no order at all',
      change.map(x => [3, 0, 2, 5][Math.floor((x + 2) * 10) % 4]!),
      change.map(x => Math.floor((x + 2) * 10) % 2),
    ],
  ]
  for (const [what, x, y] of leaks) assert.ok(isCalled(x, y), what)
})

test('area and rank correlation are those of slower definitions, also with ties and gaps', () => {
  const rng = makeRng('slow')
  const x = column(200, i => (i % 9 === 0 ? Number.NaN : Math.round(rng.normal() * 3)))
  const y = column(200, i => (i % 7 === 0 ? Number.NaN : Number(rng.next() < 0.4)))
  const both = [...x.keys()].filter(i => !Number.isNaN(x[i]! + y[i]!))
  const slow = auc(
    both.map(i => y[i]!),
    both.map(i => x[i]!),
  )!.auc
  assert.ok(Math.abs(close(x, y)!.auc! - Math.max(slow, 1 - slow)) < 1e-12)
  // Ranks 1 2 3 4 against 2 1 4 3, many times: Spearman is 1 − 6·4/(4·15) = 0.6.
  const up = column(4000, i => i % 4)
  const crossed = column(4000, i => [1, 0, 3, 2][i % 4]!)
  assert.ok(Math.abs(close(up, crossed)!.rho! - 0.6) < 1e-12)
})

test('information is that of a table by hand', () => {
  // 100 rows, feature 0 or 1 and label 0 or 1: 40, 10, 10, 40. H(y) = ln 2, shared by definition
  // 0.8·ln 1.6 + 0.2·ln 0.4 = 0.19274…; less the bias 1/200.
  const cells = [
    ...Array(40).fill([0, 0]),
    ...Array(10).fill([0, 1]),
    ...Array(10).fill([1, 0]),
    ...Array(40).fill([1, 1]),
  ]
  const found = close(
    column(100, i => cells[i][0]),
    column(100, i => cells[i][1]),
  )
  const shared = 0.8 * Math.log(1.6) + 0.2 * Math.log(0.4) - 1 / 200
  assert.ok(Math.abs(found!.information - shared / Math.log(2)) < 1e-12)
  assert.equal(found?.auc, 0.8)
})

/** A label of some yes and some no, and a feature that stands `d` σ higher on yes. */
function drawn(rng: Rng, d: number, yes: number, no: number): boolean {
  const y = column(yes + no, i => Number(i < yes))
  return isCalled(
    y.map(each => rng.normal() + d * each),
    y,
  )
}

// Φ(d/√2) is the AUC of two normals d apart: 1.662 → 0.88.
test('the false-alarm rates that help tells', () => {
  const rng = makeRng('false-alarms')
  const rate = (d: number, yes: number, no: number, runs: number): number =>
    Array.from({ length: runs }, () => drawn(rng, d, yes, no)).filter(Boolean).length / runs
  assert.equal(rate(0, 30, 30, 1000), 0)
  assert.equal(rate(0, 30, 300, 500), 0)
  assert.ok(rate(1.662, 30, 30, 1000) <= 0.05)
  assert.ok(rate(1.662, 100, 100, 2000) <= 0.001)
})

test('fewer than thirty of a class tell nothing', () => {
  const y = column(500, i => Number(i < 29))
  assert.equal(close(y, y), undefined)
})
