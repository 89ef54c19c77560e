import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeRng } from '../../../lib/base/rng.ts'
import { overfittingOf } from '../../../lib/maths/overfitting.ts'

/** Four parts of four periods; each number is the mean of a part, ± 1 around it for a deviation. */
const rowOf = (means: number[]): Float64Array =>
  Float64Array.from(means.flatMap(mean => [mean + 1, mean - 1, mean + 1, mean - 1]))

test('CSCV by hand: four parts, six splits, two trials', () => {
  // Trial A earns in parts 1 and 2 only, B in 3 and 4 only. Splits by their halves:
  //   12|34 chooses A, which is last in 34; 34|12 chooses B, last in 12: both are lost.
  //   13|24, 14|23, 23|14, 24|13: A and B are equal on both sides; the first is chosen, and shares
  //   rank 1.5 of 3, whose logit is 0: lost, too, as the paper counts λ ≤ 0.
  const even = overfittingOf([rowOf([1, 1, 0, 0]), rowOf([0, 0, 1, 1])])
  assert.deepEqual(even, { probability: 1, parts: 4, splits: 6 })
  // A trial that is better in every part is chosen always and is first always.
  assert.equal(overfittingOf([rowOf([1, 1, 1, 1]), rowOf([0, 0, 0, 0])])?.probability, 0)
  // A earns 3, 0, 2, 1 and B 1, 2, 1, 2 in the parts, the ratio grows with the mean of a half:
  //   12: A 1.5, B 1.5, equal means but A has the wider spread, so B; 34: A 1.5, B 1.5, B, too.
  //   13: A 2.5 B 1 → A, in 24: A 0.5 B 2, lost.   24: B, in 13: lost.
  //   14: A 2 B 1.5 → A, in 23: A 1 B 1.5, lost.   23: B, in 14: lost.
  //   12|34: B, in 34 the ratio of B: spread of 1 and 2 against 2 and 1 of A, equal: λ = 0, lost.
  //   34|12: in 34 both are equal, the first, A, is chosen; in 12 A is below B: lost.
  assert.equal(overfittingOf([rowOf([3, 0, 2, 1]), rowOf([1, 2, 1, 2])])?.probability, 1)
})

test('CSCV by hand: four parts, four trials, logits of the ranks (Bailey et al. 2015, § 3)', () => {
  // Deviations around the means are alike, so ratios are in the order of the sums of means.
  const around = (means: number[]): Float64Array =>
    Float64Array.from(means.flatMap(mean => [mean + 10, mean - 10, mean + 10, mean - 10]))
  //            part    1    2    3    4
  const trials = [
    around([5, 1, 0, 3]), // A
    around([0, 2, 6, 1]), // C
    around([1.5, 0, 2, 6]), // D
    around([3.2, 3.2, 3.2, 3.2]), // E
  ]
  // inside  A  C  D    E    best | outside A  C  D    E    rank of 4   λ = ln(rank / (5 − rank))
  //   12    6  2  1.5  6.4  E    |   34    3  7  8    6.4  2           ln(2/3) < 0
  //   34    3  7  8    6.4  D    |   12    6  2  1.5  6.4  1           ln(1/4) < 0
  //   13    5  6  3.5  6.4  E    |   24    4  3  6    6.4  4           ln(4/1) > 0
  //   24    4  3  6    6.4  E    |   13    5  6  3.5  6.4  4           ln(4/1) > 0
  //   14    8  1  7.5  6.4  A    |   23    1  8  2    6.4  1           ln(1/4) < 0
  //   23    1  8  2    6.4  C    |   14    8  1  7.5  6.4  1           ln(1/4) < 0
  assert.deepEqual(overfittingOf(trials), { probability: 4 / 6, parts: 4, splits: 6 })
})

test('where nobody has skill, the best of one half is above the middle half of the time', () => {
  const rng = makeRng('overfitting')
  let sum = 0
  const runs = 12
  for (let run = 0; run < runs; run++) {
    const rows = Array.from({ length: 20 }, () => Float64Array.from({ length: 64 }, rng.normal))
    const found = overfittingOf(rows)!
    assert.deepEqual([found.parts, found.splits], [16, 12_870])
    sum += found.probability
  }
  assert.ok(Math.abs(sum / runs - 0.5) < 0.15, String(sum / runs))
  const skilled = Array.from({ length: 20 }, (_, i) =>
    Float64Array.from({ length: 64 }, () => (i === 7 ? 1 : 0) + rng.normal()),
  )
  assert.ok(overfittingOf(skilled)!.probability < 0.02)
})

test('too little to tell is not told', () => {
  assert.equal(overfittingOf([rowOf([1, 1, 1, 1])]), undefined)
  assert.equal(overfittingOf([new Float64Array(15), new Float64Array(15)]), undefined)
})
