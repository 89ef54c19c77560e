import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Baseline, makeBaseline } from '../../../lib/alerts/baseline.ts'
import { onePerToken } from '../../../lib/alerts/one-per-token.ts'
import { makeRng, type Rng } from '../../../lib/base/rng.ts'
import { exactTest, logFactorial } from '../../../lib/maths/hypergeometric.ts'
import { range } from '../../../lib/maths/sample.ts'
import { BETS } from '../../../lib/monitor/bets.ts'
import { evidenceLimit, onceLimit, windowLimit } from '../../../lib/monitor/false-alarms.ts'
import { judgeDrift } from '../../../lib/monitor/judge-drift.ts'
import {
  binOf,
  capitalOf,
  startWatch,
  takeToken,
  type Watch,
} from '../../../lib/monitor/martingale.ts'
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

/** The default of --alpha; what is promised is less than 1 %. */
const ALPHA = 0.005

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
    return judgeDrift(baseline, { bins, missing }, { pLimit: onceLimit(ALPHA, codes.length) }).above
  })
}

/** Share of runs in which a feature was above its bound. */
const alarms = (runs: number, window: () => boolean[]): number =>
  range(runs).reduce((count, _) => count + (window().some(Boolean) ? 1 : 0), 0) / runs

test('no drift, files of 12 to 2,000 tokens: fewer than 1 % of 300 runs each alarm', () => {
  const rng = makeRng('null')
  const baselines = population(rng, 5000).map(column => makeBaseline(column))
  const codes = population(rng, 20_000).map((column, f) => code(column, baselines[f]!))
  for (const rows of [12, 50, 200, 500, 2000]) {
    const draw = (): Int32Array => Int32Array.from({ length: rows }, () => rng.below(20_000))
    const found = alarms(300, () => above(codes, baselines, draw()))
    assert.ok(found < 0.01, `${rows} tokens: ${found} of runs`)
  }
})

/** Takes tokens in until something is beyond its limit, at most `most`; how many that took. */
function tokensToAlarm(
  rng: Rng,
  watches: readonly { watch: Watch; edges: readonly number[]; draw(): number }[],
  most: number,
): number {
  const limit = evidenceLimit(ALPHA, watches.length)
  for (let token = 1; token <= most; token++)
    for (const { watch, edges, draw } of watches) {
      takeToken(watch, binOf(edges, draw()), rng.next(), limit)
      if (capitalOf(watch) >= limit) return token
    }
  return Number.POSITIVE_INFINITY
}

test('no drift, a look after each of 2,000 tokens: fewer than 1 % of versions alarm', () => {
  let count = 0
  for (let run = 0; run < 100; run++) {
    const rng = makeRng(`ville/${run}`)
    // A small reference is the harder case: it differs from the market it was drawn from.
    const watches = population(rng, 400).map((column, f) => {
      const baseline = makeBaseline(column)
      return { watch: startWatch(baseline), edges: baseline.edges, draw: () => draw(rng, f) }
    })
    if (tokensToAlarm(rng, watches, 2000) <= 2000) count++
  }
  assert.ok(count / 100 < 0.01, `${count} of 100`)
})

test('what a fair bet grows to keeps its promise where it is looser, too', () => {
  // At 1 of 10 a run of one number: Ville’s bound is not far from what happens, and not passed.
  let count = 0
  for (let run = 0; run < 200; run++) {
    const rng = makeRng(`ten/${run}`)
    const baseline = makeBaseline(Float32Array.from({ length: 200 }, () => rng.normal()))
    const watch = startWatch(baseline)
    let highest = 0
    for (let token = 0; token < 1000; token++) {
      takeToken(watch, binOf(baseline.edges, rng.normal()), rng.next(), 10)
      highest = Math.max(highest, capitalOf(watch))
    }
    if (highest >= 10) count++
  }
  assert.ok(count > 0 && count / 200 <= 0.1, `${count} of 200`)
})

test('bets are fair: over the cells of [0, 1] they pay 1 on average', () => {
  for (const bet of BETS) {
    const mean = bet.reduce((sum, factor) => sum + factor, 0) / bet.length
    assert.ok(Math.abs(mean - 1) < 1e-12, `${mean}`)
  }
})

test('one number of 28 that shifts or dies is found in so many tokens after 500 quiet ones', () => {
  const cases: [name: string, most: number, draw: (rng: Rng) => number][] = [
    ['¼ σ', 1500, rng => rng.normal() + 0.25],
    ['½ σ', 300, rng => rng.normal() + 0.5],
    ['1 σ', 90, rng => rng.normal() + 1],
    ['dies', 20, () => 0],
    ['is unknown', 20, () => Number.NaN],
  ]
  for (const [name, most, after] of cases) {
    const times = range(20).map(run => {
      const rng = makeRng(`${name}/${run}`)
      const baseline = makeBaseline(Float32Array.from({ length: 5000 }, () => rng.normal()))
      const watch = startWatch(baseline)
      const limit = evidenceLimit(ALPHA, FEATURES)
      const take = (value: number): void =>
        takeToken(watch, binOf(baseline.edges, value), rng.next(), limit)
      for (let token = 0; token < 500; token++) take(rng.normal())
      for (let token = 1; token <= 5000; token++) {
        take(after(rng))
        if (capitalOf(watch) >= limit) return token
      }
      return 5000
    })
    assert.ok(times.filter(time => time <= most).length >= 18, `${name}: ${[...times].join()}`)
  }
})

test('an alarm ends when the drift does, and lasts while it does', () => {
  const rng = makeRng('ends')
  const baseline = makeBaseline(Float32Array.from({ length: 2000 }, () => rng.normal()))
  const watch = startWatch(baseline)
  const limit = evidenceLimit(ALPHA, FEATURES)
  const take = (tokens: number, shift: number): void => {
    for (let token = 0; token < tokens; token++)
      takeToken(watch, binOf(baseline.edges, rng.normal() + shift), rng.next(), limit)
  }
  take(5000, 1)
  assert.ok(capitalOf(watch) >= limit, 'the drift became its own reference')
  take(200, 0)
  assert.ok(capitalOf(watch) < limit)
})

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
  assert.ok(alarms(100, of(right)) < 0.01)
  assert.ok(alarms(50, of(naive)) > 0.05, 'counting every row of a token would have been fine too')
})

test('a quarter σ is seen at 2,000 tokens, planted changes at few', () => {
  const rng = makeRng('shift')
  const baseline = makeBaseline(Float32Array.from({ length: 10_000 }, () => rng.normal()))
  const pLimit = onceLimit(ALPHA, FEATURES)
  const seen = (n: number, value: () => number): boolean => {
    const bins = new Array<number>(baseline.edges.length + 2).fill(0)
    for (const bin of code(Float32Array.from({ length: n }, value), baseline)) bins[bin]! += 1
    const missing = bins.pop()!
    return judgeDrift(baseline, { bins, missing }, { pLimit }).above
  }
  const share = (n: number, value: () => number): number =>
    range(100).reduce((sum, _) => sum + Number(seen(n, value)), 0) / 100
  assert.ok(share(2000, () => rng.normal() + 0.25) >= 0.95)
  assert.ok(share(500, () => rng.normal() + 0.5) >= 0.95)
  assert.ok(share(60, () => rng.normal() + 1.5) >= 0.95)
  assert.ok(share(200, () => 3 * rng.normal()) >= 0.95, 'spread')
  assert.ok(
    share(60, () => (rng.next() < 0.3 ? Number.NaN : rng.normal())) >= 0.95,
    'suddenly unknown',
  )
  assert.equal(
    share(12, () => 0),
    1,
    'stuck',
  )
  // What is too small to matter is quiet, however many rows there are: an eighth of σ at most.
  assert.equal(
    seen(100_000, () => rng.normal() + 0.05),
    false,
  )
})

test('sizes of a drift are those of the tables', () => {
  const rng = makeRng('among')
  const baseline = makeBaseline(Float32Array.from({ length: 10_000 }, () => rng.normal()))
  const bins = new Array<number>(10).fill(0)
  for (let i = 0; i < 2000; i++) bins[code(Float32Array.of(rng.normal() + 0.5), baseline)[0]!]! += 1
  const found = judgeDrift(baseline, { bins, missing: 0 }, { pLimit: onceLimit(ALPHA, FEATURES) })
  assert.equal(found.above, true)
  // KL both ways between N(0,1) and N(½,1) is ¼; ten bins see a little less.
  assert.ok(found.psi > 0.18 && found.psi < 0.32, `${found.psi}`)
  assert.ok(Math.abs(found.jsDistance ** 2 - found.jsd) < 1e-12)
  // Normal scores of deciles keep the middle and lose a little of the tails.
  assert.ok(Math.abs(found.shift! - 0.5) < 0.08, `${found.shift}`)
})

test('Fisher’s test of four cups and four cups is that of the lady tasting tea', () => {
  // Fisher, The Design of Experiments (1935), §5: 3 of 4 right has 17 of 70 chances one-sided.
  assert.ok(Math.abs(exactTest({ x: 3, m: 4, r: 1, n: 4 }) - 34 / 70) < 1e-12)
  assert.ok(Math.abs(exactTest({ x: 4, m: 4, r: 0, n: 4 }) - 2 / 70) < 1e-12)
  assert.equal(exactTest({ x: 2, m: 4, r: 2, n: 4 }), 1)
  // ln 1000! = 5912.128178488163 (Abramowitz & Stegun, table 6.4).
  assert.ok(Math.abs(logFactorial(1000) - 5912.128178488163) < 1e-9)
})

test('looks share what they may spend, however many there are', () => {
  let spent = 0
  for (let look = 1; look <= 100_000; look++) spent += windowLimit(ALPHA, 1, look)
  assert.ok(spent > 0.9 * (ALPHA / 2) && spent < ALPHA / 2, `${spent}`)
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
  const baselinesOf = (rows: Int32Array): Baseline[] =>
    table.columns.map(column => makeBaseline(Float32Array.from(rows, row => column[row]!)))
  const baselines = baselinesOf(resample(5000))
  const codes = table.columns.map((column, f) => code(column, baselines[f]!))
  for (const rows of [20, 200, 500, 2000]) {
    const found = alarms(300, () => above(codes, baselines, resample(rows)))
    assert.ok(found < 0.01, `${rows} rows: ${found}`)
  }
  let count = 0
  for (let run = 0; run < 100; run++) {
    const all = baselinesOf(resample(400))
    let row = 0
    const watches = all.map((baseline, f) => ({
      watch: startWatch(baseline),
      edges: baseline.edges,
      // All numbers of a token are of one row, which the first number draws.
      draw: () => {
        if (f === 0) row = resample(1)[0]!
        return table.columns[f]![row]!
      },
    }))
    if (tokensToAlarm(rng, watches, 1000) <= 1000) count++
  }
  assert.ok(count / 100 < 0.01, `looked at after every token: ${count} of 100`)
})
