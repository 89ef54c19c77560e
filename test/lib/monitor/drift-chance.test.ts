import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Baseline, makeBaseline } from '../../../lib/alerts/baseline.ts'
import { onePerToken } from '../../../lib/alerts/one-per-token.ts'
import { makeRng, type Rng } from '../../../lib/base/rng.ts'
import { range } from '../../../lib/maths/sample.ts'
import { judgeDrift } from '../../../lib/monitor/judge-drift.ts'
import { sharedFile } from '../../kit/shared.ts'

const FEATURES = 28

/** Values as tokens have them: smooth, heavy-tailed, yes or no, counts, often unknown. */
function draw(rng: Rng, feature: number): number {
  if (feature % 7 === 5) return rng.next() < 0.03 ? 1 : 0
  if (feature % 7 === 6) return rng.next() < 0.3 ? Number.NaN : rng.normal()
  if (feature % 7 === 4) return Math.floor(rng.exponential(3))
  if (feature % 7 === 3) return rng.next() < 0.9 ? 100 : rng.next() * 100
  return feature % 2 === 0 ? rng.normal() : Math.exp(3 * rng.normal())
}

const population = (rng: Rng, rows: number): Float32Array[] =>
  Array.from({ length: FEATURES }, (_, f) =>
    Float32Array.from({ length: rows }, () => draw(rng, f)),
  )

/** Bin of each value; the last one is “unknown”. */
function code(column: Float32Array, { edges }: Baseline): Uint8Array {
  return Uint8Array.from(column, value => {
    if (Number.isNaN(value)) return edges.length + 1
    const bin = edges.findIndex(edge => value <= edge)
    return bin < 0 ? edges.length : bin
  })
}

/** Whether anything is above its bound in a window of the rows given, per feature. */
function above(
  codes: readonly Uint8Array[],
  baselines: readonly Baseline[],
  rows: Int32Array,
): boolean[] {
  return codes.map((column, f) => {
    const baseline = baselines[f]!
    const bins = new Array<number>(baseline.edges.length + 2).fill(0)
    for (const row of rows) bins[column[row]!]! += 1
    const missing = bins.pop()!
    return judgeDrift(baseline, { bins, missing }, { tests: codes.length }).above
  })
}

/** Share of runs in which a feature was above its bound in this window and the one before. */
function alarms(runs: number, window: () => boolean[]): { alarms: number; windows: number } {
  let before = window()
  let [count, windows] = [0, 0]
  for (let run = 0; run < runs; run++) {
    const now = window()
    if (now.some((is, f) => is && before[f])) count++
    if (now.some(Boolean)) windows++
    before = now
  }
  return { alarms: count / runs, windows: windows / runs }
}

for (const rows of [200, 500, 2000]) {
  test(`no drift, ${rows} rows: fewer than 1 % of 1,000 runs alarm`, () => {
    const rng = makeRng(`null/${rows}`)
    const baselines = population(rng, 10_000).map(column => makeBaseline(column))
    const live = population(rng, 100_000)
    const codes = live.map((column, f) => code(column, baselines[f]!))
    const found = alarms(1000, () =>
      above(
        codes,
        baselines,
        Int32Array.from({ length: rows }, () => rng.below(100_000)),
      ),
    )
    assert.ok(found.alarms < 0.01, `${found.alarms} of runs`)
    // One window alone keeps the chance it was given, with room for the approximation.
    assert.ok(found.windows < 0.08, `${found.windows} of windows`)
  })
}

test('a reference of few tokens with many rows each is measured by its tokens', () => {
  const rng = makeRng('tokens')
  const [tokens, each] = [100, 40]
  const reference = Array.from({ length: FEATURES }, () => new Float32Array(tokens * each))
  for (let token = 0; token < tokens; token++)
    for (const column of reference) {
      const level = rng.normal()
      for (let k = 0; k < each; k++) column[token * each + k] = level + 0.1 * rng.normal()
    }
  const groups = Int32Array.from({ length: tokens * each }, (_, i) => Math.floor(i / each))
  const kept = onePerToken(range(tokens * each), groups, new Float64Array(tokens * each), 1)
  assert.equal(kept.rows.length, tokens)
  const right = reference.map(column =>
    makeBaseline(
      Float32Array.from(kept.rows, row => column[row]!),
      kept.tokens,
    ),
  )
  const naive = reference.map(column => makeBaseline(column))
  const window = (): Float32Array[] =>
    reference.map(() => Float32Array.from({ length: 500 }, () => rng.normal() + 0.1 * rng.normal()))
  const all = range(500)
  const of = (baselines: readonly Baseline[]) => () =>
    above(
      window().map((c, f) => code(c, baselines[f]!)),
      baselines,
      all,
    )
  assert.ok(alarms(300, of(right)).alarms < 0.01)
  assert.ok(
    alarms(100, of(naive)).alarms > 0.05,
    'counting every row of a token would have been fine too',
  )
})

test('half a σ is seen at 2,000 rows in 95 of 100 runs, planted changes at 200', () => {
  const rng = makeRng('shift')
  const baseline = makeBaseline(Float32Array.from({ length: 10_000 }, () => rng.normal()))
  const seen = (n: number, value: () => number): boolean =>
    above([code(Float32Array.from({ length: n }, value), baseline)], [baseline], range(n))[0]!
  const rules = (n: number, value: () => number): number =>
    Array.from({ length: 200 }, () => seen(n, value) && seen(n, value)).filter(Boolean).length / 200
  assert.ok(rules(2000, () => rng.normal() + 0.5) >= 0.95)
  assert.ok(rules(200, () => rng.normal() + 1.5) >= 0.95)
  assert.ok(rules(200, () => 3 * rng.normal()) >= 0.95, 'spread')
  assert.ok(
    rules(200, () => (rng.next() < 0.3 ? Number.NaN : rng.normal())) >= 0.95,
    'suddenly unknown',
  )
  assert.ok(rules(200, () => 0) === 1, 'stuck')
})

test('each of many tests gets a share: one feature of 28 at half a σ is still seen', () => {
  const rng = makeRng('among')
  const baseline = makeBaseline(Float32Array.from({ length: 10_000 }, () => rng.normal()))
  const bins = new Array<number>(10).fill(0)
  for (let i = 0; i < 2000; i++) bins[code(Float32Array.of(rng.normal() + 0.5), baseline)[0]!]! += 1
  const found = judgeDrift(baseline, { bins, missing: 0 }, { tests: 28 })
  assert.equal(found.above, true)
  // KL both ways between N(0,1) and N(½,1) is ¼; ten bins see a little less.
  assert.ok(found.psi > 0.18 && found.psi < 0.32, `${found.psi}`)
  assert.ok(Math.abs(found.jsDistance ** 2 - found.jsd) < 1e-12)
})

const real = sharedFile('data/solana-memecoin-entries-2026-08/week1_features_full.csv.gz')
const REAL =
  'age_minutes mcap_usd volume_usd txns_buys txns_sells buy_sell_ratio fdv price_change_5m ' +
  'price_change_1h vol_mcap_ratio score_proxy'
test('resamples of whole real tokens do not drift from one another', {
  skip: real.skip,
}, async () => {
  const { readTable } = await import('../../../lib/table/read-table.ts')
  const { groupNumbers } = await import('../../../lib/maths/confidence-interval.ts')
  const { table, groups } = await readTable(real.path, {
    features: REAL.split(' '),
    label: 'win',
    group: 'mint_address',
  })
  const rng = makeRng('real')
  const group = groupNumbers(groups as string[])
  const rowsOf: number[][] = []
  for (const [row, token] of group.entries()) (rowsOf[token] ??= []).push(row)
  /** Whole tokens drawn with replacement, then one row of each. */
  const resample = (tokens: number): Int32Array =>
    Int32Array.from({ length: tokens }, () => {
      const rows = rowsOf[rng.below(rowsOf.length)]!
      return rows[rng.below(rows.length)]!
    })
  const reference = resample(5000)
  const baselines = table.columns.map(column =>
    makeBaseline(Float32Array.from(reference, row => column[row]!)),
  )
  const codes = table.columns.map((column, f) => code(column, baselines[f]!))
  for (const rows of [200, 500, 2000]) {
    const found = alarms(1000, () => above(codes, baselines, resample(rows)))
    assert.ok(found.alarms < 0.01, `${rows} rows: ${found.alarms}`)
  }
})
