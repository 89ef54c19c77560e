import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeRng } from '../../../lib/base/rng.ts'
import {
  isReady,
  type MaturedRow,
  ONLINE,
  rollingBrier,
  shareOf,
  startState,
  takeRows,
} from '../../../lib/model/online/online.ts'
import { type LabelledRow, openOnline } from '../../../lib/model/online/online-file.ts'
import { makeOnlineInputs } from '../../../lib/model/online/online-inputs.ts'
import { learnRow, probabilityOf, startWeights } from '../../../lib/model/online/online-weights.ts'
import { folder, makeModel, POOL_NAMES } from './fixture.ts'

/** Small batches, so that a few rows already make updates. */
const RULES = { ...ONLINE, batch: 10, judgeFrom: 20, window: 50, least: 50 }

/** Rows whose log odds are the foundation’s plus `shift` times the feature. */
function rows(n: number, shift: number, from = 0, seed = 'online'): MaturedRow[] {
  const rng = makeRng(`${seed}/${from}`)
  return Array.from({ length: n }, (_, k) => {
    const [z, feature] = [rng.normal(), rng.normal()]
    const label = rng.next() < 1 / (1 + Math.exp(-z - shift * feature)) ? 1 : 0
    const at = from + k
    return {
      id: `m${at}`,
      availableAt: 1000 * at,
      x: [1, z, feature],
      foundation: 1 / (1 + Math.exp(-z)),
      label,
    }
  })
}

test('before it has learned it says what the foundation says; one step by hand', () => {
  const start = startWeights(3)
  assert.ok(Math.abs(probabilityOf(start, [1, Math.log(3), 0.7]) - 0.75) < 1e-12)
  // x = (1, 0, 2), y = 1: p = ½, gradient −½·x = (−½, 0, −1), Adagrad's first step is the rate 0.05
  // in each: +.05, 0, +.05.
  const { w, squares } = learnRow(start, [1, 0, 2], 1)
  assert.deepEqual(squares, [0.25, 0, 1])
  assert.deepEqual(
    w.map(x => Number(x.toFixed(12))),
    [0.05, 1, 0.05],
  )
  // Then p = σ(.05 + .1) = .5374298453, g₀ = −.4625701547 + 1e-4·.05; rate .05/√(.25 + g₀²).
  const g = 0.5374298453437496 - 1 + 1e-4 * 0.05
  const second = learnRow({ w, squares }, [1, 0, 2], 1)
  assert.ok(Math.abs(second.w[0]! - (0.05 - (0.05 * g) / Math.sqrt(0.25 + g * g))) < 1e-12)
})

test('rows are learned in order of label time, each once, however they are handed in', () => {
  const all = rows(60, 1)
  const { state: expected } = takeRows(startState(3), all, RULES)
  fc.assert(
    fc.property(
      fc.shuffledSubarray(all, { minLength: 60 }),
      fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 6 }),
      (shuffled, cuts) => {
        // Any order within a call.
        assert.deepEqual(takeRows(startState(3), shuffled, RULES).state, expected)
        // Any cuts of the stream, each part handed in twice, the second time with everything before
        // it.
        let state = startState(3)
        for (const cut of [...cuts.sort((a, b) => a - b), 60]) {
          state = takeRows(state, all.slice(0, cut), RULES).state
          const again = takeRows(state, all.slice(0, cut), RULES)
          assert.deepEqual(again.state, state)
          assert.equal(again.taken.learned, 0)
        }
        assert.deepEqual(state, expected)
      },
    ),
    { numRuns: 60 },
  )
})

test(
  'an id that comes again with another label time is not learned again; what comes too late is ' +
    'counted',
  () => {
    const all = rows(20, 1)
    const { state } = takeRows(startState(3), all, RULES)
    assert.equal(state.learned, 20)
    const { taken } = takeRows(
      state,
      [
        { ...all[3]!, availableAt: 99_000 },
        { ...all[4]!, id: 'other' },
      ],
      RULES,
    )
    assert.deepEqual(taken, { learned: 0, repeated: 1, late: 1, pending: 0, rollbacks: 0 })
  },
)

test('it learns what the foundation does not know, and goes back when that no longer holds', () => {
  const learned = takeRows(startState(3), rows(4000, 1.5)).state
  const { foundation, online } = rollingBrier(learned.judged)
  assert.ok(online < foundation - 0.02, `${online} against ${foundation}`)
  assert.ok(isReady(learned))
  assert.equal(learned.rollbacks, 0)
  // The relation turns round: within its window it is worse, goes back and lets the foundation
  // speak alone.
  const turned = takeRows(learned, rows(700, -1.5, 4000))
  assert.ok(turned.taken.rollbacks >= 1)
  const errors = rows(500, -1.5, 9000).map(row => ({
    before: (probabilityOf(learned.weights, row.x) - row.label) ** 2,
    after: (probabilityOf(turned.state.weights, row.x) - row.label) ** 2,
  }))
  const mean = (of: 'before' | 'after'): number =>
    errors.reduce((sum, each) => sum + each[of], 0) / errors.length
  assert.ok(mean('after') < mean('before') - 0.05)
})

test('young, it takes no part; with nothing to add it does no harm', () => {
  assert.equal(isReady(takeRows(startState(3), rows(400, 2)).state), false)
  const { state } = takeRows(startState(3), rows(5000, 0))
  // Where nothing can be gained the noise of its weights costs little.
  const fresh = rows(3000, 0, 50_000)
  const harm = fresh.reduce(
    (sum, row) =>
      sum +
      (probabilityOf(state.weights, row.x) - row.label) ** 2 -
      (row.foundation - row.label) ** 2,
    0,
  )
  assert.ok(harm / fresh.length < 0.005)
})

test('its share is by merit: least squared error of the judged rows, from 0.3 on', () => {
  const start = { share: 0.3, shareRows: 100 }
  assert.equal(shareOf([], start), 0.3)
  // Foundation .4 and online .8 of an outcome 1: (f − y)² = .36, (o − y)² = .04, (f − o)² = .16.
  const right = { foundation: 0.36, online: 0.04, gap: 0.16 }
  const wrong = { foundation: 0.16, online: 0.64, gap: 0.16 }
  // Σ f(f − o) / Σ (f − o)² = .6·.4/.16 = 1.5 for a row where it is right, −1 where not.
  const ones = (right_: number, wrong_: number) => [
    ...Array<typeof right>(right_).fill(right),
    ...Array<typeof right>(wrong_).fill(wrong),
  ]
  const near = (found: number, wanted: number) => assert.ok(Math.abs(found - wanted) < 1e-12)
  // (10·1.5 − 10·1 + 100·.3) / 120.
  near(shareOf(ones(10, 10), start), 35 / 120)
  near(shareOf(ones(70, 30), start), (105 - 30 + 30) / 200)
  assert.equal(shareOf(ones(500, 0), start), 1)
  assert.equal(shareOf(ones(0, 500), start), 0)
  // Rows of an earlier version do not say how far the two were apart.
  assert.equal(shareOf([{ foundation: 0.36, online: 0.04 }], start), 0.3)
})

test('after a turn of the market what is said is nearly as good as the online model', () => {
  // The foundation knows z only, the outcome has turned to the feature.
  const { judged, tally } = takeRows(startState(3), rows(6000, 2.5)).state
  const { foundation, online, blend } = rollingBrier(judged)
  assert.ok(online < foundation - 0.05)
  assert.ok(blend < online + 0.1 * (foundation - online), `${foundation} ${blend} ${online}`)
  assert.equal(tally?.rows, 6000)
})

test('live, each label is learned as it comes, and the looks at a rollback stay as many', () => {
  const live = { ...ONLINE, isLive: true, slackMs: 10_000 }
  const all = rows(1000, 1)
  let state = startState(3)
  for (const row of all) state = takeRows(state, [row], live).state
  assert.deepEqual([state.learned, state.pending.length], [1000, 0])
  assert.equal(state.snapshots.length, ONLINE.snapshots)
  const whole = takeRows(startState(3), all).state
  // Judged row by row before learning, not by lots of a hundred: as good or better.
  assert.ok(rollingBrier(state.judged).online <= rollingBrier(whole.judged).online + 0.01)
  // One that is known a little late is taken, once; one that is later than that is not.
  const [newest] = all.slice(-1)
  const behind = { ...newest!, id: 'behind', availableAt: newest!.availableAt - 5000 }
  const old = { ...newest!, id: 'old', availableAt: newest!.availableAt - 20_000 }
  const { state: after, taken } = takeRows(state, [behind, old], live)
  assert.deepEqual([taken.learned, taken.late], [1, 1])
  assert.deepEqual(takeRows(after, [behind, newest!], live).taken.repeated, 2)
  assert.equal(after.mark?.availableAt, newest!.availableAt)
})

test('on disk: blend, restart, another foundation, damage', async t => {
  const root = folder(t)
  const bundle = await makeModel(root, 'moon', '1')
  const dir = join(root, 'online', 'moon')
  const rng = makeRng('disk')
  const labelled = Array.from({ length: 1200 }, (_, k): LabelledRow => {
    const features = Float32Array.from(POOL_NAMES, (_, f) =>
      f === 3 && k % 5 === 0 ? Number.NaN : rng.normal(),
    )
    const foundation = 1 / (1 + Math.exp(-features[0]!))
    const label = rng.next() < 1 / (1 + Math.exp(-features[0]! - 2 * features[2]!))
    return { id: `market:p${k}:1`, availableAt: 1000 * k, foundation, features, label }
  })
  const online = openOnline(dir, bundle)
  const odd = Float32Array.of(0, Number.NaN, 1, Number.POSITIVE_INFINITY)
  // What it would have said is there from the start; it has no share yet.
  assert.deepEqual(online.blend(0.3, odd), {
    p: 0.3,
    foundation: 0.3,
    online: 0.3,
    onlineShare: 0,
  })
  assert.deepEqual(online.status(), {
    learned: 0,
    pending: 0,
    rollbacks: 0,
    takesPart: false,
    share: 0.3,
    judged: 0,
    labelsUntil: 500,
  })
  assert.equal(online.learn([{ ...labelled[0]!, foundation: Number.NaN }]).pending, 0)
  assert.deepEqual(online.learn(labelled.slice(0, 1150)), {
    learned: 1100,
    repeated: 0,
    late: 0,
    pending: 50,
    rollbacks: 0,
  })
  assert.deepEqual(readdirSync(dir), ['online.json'])

  // After a restart the same rows change nothing, the rest is learned, and both say the same.
  const again = openOnline(dir, bundle)
  assert.deepEqual(again.learn(labelled).learned, 100)
  online.learn(labelled.slice(1150))
  assert.deepEqual(again.status(), online.status())
  const said = again.blend(0.3, odd)
  assert.deepEqual(said, online.blend(0.3, odd))
  const share = said.onlineShare
  assert.ok(share > 0.3, 'it has been better than the foundation')
  assert.ok(said.online > 0.3)
  assert.ok(Math.abs(said.p - ((1 - share) * 0.3 + share * said.online)) < 1e-12)
  const fixed = openOnline(dir, bundle, 0.3).blend(0.3, odd)
  assert.ok(Math.abs(fixed.p - (0.7 * 0.3 + 0.3 * fixed.online)) < 1e-12, '70/30 as a setting')
  const { record, ...status } = online.status()
  assert.equal(record?.rows, 1200)
  assert.equal(status.labelsUntil, undefined)
  assert.ok(status.onlineBrier! < status.foundationBrier!)
  assert.ok(status.blendBrier! < status.foundationBrier!)

  const other = await makeModel(root, 'moon', '2', { seed: 9, rowShare: 0.5 })
  assert.equal(openOnline(dir, other).status().learned, 0)
  writeFileSync(
    join(dir, 'online.json'),
    readFileSync(join(dir, 'online.json'), 'utf8').slice(0, 500),
  )
  assert.throws(() => openOnline(dir, bundle), {
    code: 2,
    message: /online\.json: .*remove it to start anew/,
  })
  const { distribution: _, ...bare } = bundle
  assert.throws(() => makeOnlineInputs(bare as never), {
    code: 2,
    message: /needs a bundle of one list of features/,
  })
})
