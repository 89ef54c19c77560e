import assert from 'node:assert/strict'
import test from 'node:test'
import { defaultsOf } from '../../../lib/base/flags.ts'
import { regimeFlags, regimeOf } from '../../../lib/features/families/pool-state.ts'

import type { FeatureSet } from '../../../lib/records/features.ts'
import { HOUR, MINUTE, market, run, SECOND, setsOf, T0, tick } from './lines.ts'

const near = (got: number | undefined, wanted: number): void =>
  assert.ok(
    got !== undefined && Math.abs(got - wanted) <= 1e-12 * Math.max(1, Math.abs(wanted)),
    `${got} is not ${wanted}`,
  )

/** A snapshot per second: price, quote reserve, 24-hour volume. */
const snapshots = (rows: [price: number, quote: number, volume?: number][], mint = 'CAT') =>
  rows.map(([priceSol, quote, volume], i) =>
    market(
      T0 + i * SECOND,
      {
        priceSol,
        baseAmount: '4000000',
        quoteAmount: String(quote),
        openAt: T0 - 90 * MINUTE,
        ...(volume === undefined ? {} : { volumeUsd: { h24: volume } }),
      },
      mint,
    ),
  )
const lastOf = (sets: (FeatureSet | undefined)[]): FeatureSet => sets.at(-1)!

test('the 14 features of 12 snapshots, by hand', () => {
  const prices = [10, 10, 11, 12, 12, 13, 14, 15, 16, 18, 20, 22]
  const rows = prices.map((price, i) => [price, 1000 + 10 * i, 100 + i] as [number, number, number])
  const set = lastOf(setsOf('pool', snapshots(rows)))
  assert.deepEqual([set.ready, set.snapshots, set.regime], [true, 12, 'moon-mission'])
  const values = set.values!
  // Newest 22; 1 back 20; 2 back 18; 3 back 16; 10 back 10. Gains: 13 14 15 16 18 20 22 = 7 in a
  // row.
  near(values.priceChange1, 0.1)
  near(values.priceChange3, 0.375)
  near(values.priceChange10, 1.2)
  assert.equal(values.consecutiveGains, 7)
  // Reserves 4,000,000 and 1,110; before 1,100.
  near(values.kConstant, 4.44e9)
  near(values.liquidityChange, 1110 / 1100 - 1)
  near(values.reserveRatio, 4_000_000 / 1110)
  // Volumes 107…111, mean 109.
  near(values.volumeMa5, 109)
  near(values.volumeSpike, 111 / 109 - 1)
  assert.deepEqual([values.massiveDump, values.reserveDrain], [0, 0])
  near(values.poolAgeMinutes, 90 + 11 / 60)
  near(values.priceAcceleration, 0.1 - (20 / 18 - 1))
  near(values.volumeAcceleration, 111 / 110 - 110 / 109)
})

test('what is not known yet is absent: one, two and four snapshots', () => {
  const sets = setsOf(
    'pool',
    snapshots([
      [10, 1000],
      [11, 1000],
      [12, 1000],
      [13, 1000],
    ]),
  )
  const keys = sets.map(set => Object.keys(set?.values ?? {}))
  assert.deepEqual(keys[0], ['kConstant', 'reserveRatio', 'poolAgeMinutes'])
  assert.deepEqual(keys[1], [
    'priceChange1',
    'consecutiveGains',
    'kConstant',
    'liquidityChange',
    'reserveRatio',
    'massiveDump',
    'reserveDrain',
    'poolAgeMinutes',
  ])
  assert.ok(keys[3]?.includes('priceChange3') && !keys[3].includes('priceChange10'))
  assert.deepEqual(sets[3]?.reason, 'needs 11 snapshots, has 4')
  assert.equal(sets[3]?.ready, false)
})

test('dump and drain look back over 100 snapshots, not further', () => {
  const quiet = (count: number): [number, number][] => Array.from({ length: count }, () => [5, 600])
  const inside = lastOf(setsOf('pool', snapshots([[10, 1000], ...quiet(99)]))).values!
  assert.deepEqual([inside.massiveDump, inside.reserveDrain], [1, 1])
  const outside = lastOf(setsOf('pool', snapshots([[10, 1000], ...quiet(100)]))).values!
  assert.deepEqual([outside.massiveDump, outside.reserveDrain], [0, 0])
})

test('a window of 100 snapshots and not more', () => {
  const rows = Array.from({ length: 130 }, (_, i) => [1 + i, 1000] as [number, number])
  const set = lastOf(setsOf('pool', snapshots(rows)))
  assert.equal(set.snapshots, 100)
  assert.equal(set.values?.consecutiveGains, 99)
})

test('the first regime that applies, at its edges', () => {
  const at = (change10: number | undefined, worst: number | undefined, gains: number) =>
    regimeOf(change10, worst, gains, defaultsOf(regimeFlags))
  assert.deepEqual(
    [
      at(-0.5, 0, 0),
      at(-0.49, -0.3, 10),
      at(2, -0.31, 10),
      at(0.5, -0.29, 0),
      at(0.49, 0, 6),
      at(0.05, 0, 6),
      at(0.05, 0, 5),
      at(0.049, 0, 10),
      at(-0.2, 0, 0),
      at(undefined, -0.4, 0),
      at(undefined, 0.1, 9),
    ],
    [
      'rug-dump',
      'rug-dump',
      'rug-dump',
      'moon-mission',
      'steady-climb',
      'steady-climb',
      'sideways-chop',
      'sideways-chop',
      'sideways-chop',
      'rug-dump',
      undefined,
    ],
  )
})

test('a drained reserve is a rug-dump from the second snapshot on, for ten snapshots', () => {
  const rows: [number, number][] = [
    [10, 1000],
    [10, 600],
    ...Array.from({ length: 12 }, () => [10, 600] as [number, number]),
  ]
  const regimes = setsOf('pool', snapshots(rows)).map(set => set?.regime)
  assert.deepEqual(regimes.slice(0, 2), [undefined, 'rug-dump'])
  assert.deepEqual(regimes.slice(10, 12), ['rug-dump', 'sideways-chop'])
})

test('late and repeated snapshots get nothing, are counted, and change no state', () => {
  const rows = snapshots([
    [10, 1000],
    [11, 1000],
    [12, 1000],
  ])
  const [first, second, third] = rows as [(typeof rows)[0], (typeof rows)[0], (typeof rows)[0]]
  const clean = run(rows, ['pool'])
  const dirty = run([first, second, second, { ...first, id: 'market:late' }, third], ['pool'])
  assert.deepEqual([dirty[0], dirty[1], dirty[4]], clean)
  assert.equal(dirty[2], JSON.stringify(second))
})

test('a price in another unit than the first is not compared with it', () => {
  const out = setsOf('pool', [
    market(T0, { priceSol: 1 }),
    market(T0 + 1000, { priceUsd: 200 }),
    market(T0 + 2000, { priceSol: 2, priceUsd: 400 }),
  ])
  assert.equal(out[1], undefined)
  assert.equal(out[2]?.values?.priceChange1, 1)
})

test(
  '--every: the first line, then when a second of event time has passed; state follows every ' +
    'line',
  () => {
    const rows = [0, 300, 999, 1000, 1500, 2100].map((ms, i) =>
      market(T0 + ms, { priceSol: 10 + i }),
    )
    const out = setsOf('pool', rows, { every: SECOND })
    assert.deepEqual(
      out.map(set => set?.snapshots),
      [1, undefined, undefined, 4, undefined, 6],
    )
  },
)

test('warm lines build the state and stay as they came', () => {
  const rows = snapshots([
    [10, 1000],
    [11, 1000],
    [12, 1000],
  ])
  const warm = rows.map((rec, i) => (i < 2 ? { ...rec, warm: true } : rec))
  const out = run(warm, ['pool'])
  assert.deepEqual(
    out.slice(0, 2),
    warm.slice(0, 2).map(rec => JSON.stringify(rec)),
  )
  assert.equal(out[2], run(rows, ['pool'])[2])
})

test('a token whose lines are more than a day apart starts afresh', () => {
  const out = setsOf('pool', [
    market(T0, { priceSol: 1 }),
    market(T0 + 24 * HOUR, { priceSol: 2 }),
    market(T0 + 48 * HOUR + 1, { priceSol: 3 }),
  ])
  assert.deepEqual(
    out.map(set => set?.snapshots),
    [1, 2, 1],
  )
})

test('regime shares over all pools, for an hour after their last snapshot', () => {
  const drained = (mint: string, at: number) => [
    market(at, { priceSol: 1, quoteAmount: '1000' }, mint),
    market(at + 1000, { priceSol: 1, quoteAmount: '100' }, mint),
  ]
  const flat = Array.from({ length: 11 }, (_, i) =>
    market(T0 + i, { priceSol: 1, quoteAmount: '5' }, 'FLAT'),
  )
  const later = T0 + 50 * MINUTE
  const recs = [...flat, ...drained('A', later), ...drained('B', later), tick(later + 1000)]
  const sets = setsOf('regime', [
    ...recs,
    market(T0 + 65 * MINUTE, { priceSol: 1, quoteAmount: '100' }, 'A'),
  ])
  const shares = (set: FeatureSet | undefined) => [
    set?.values?.pools,
    set?.values?.rugDumpShare,
    set?.values?.sidewaysChopShare,
  ]
  assert.deepEqual(shares(sets[0]), [0, undefined, undefined])
  assert.deepEqual(shares(sets[10]), [1, 0, 1])
  assert.deepEqual(shares(sets[14]), [3, 2 / 3, 1 / 3])
  // An hour after FLAT was last seen only A and B are left.
  assert.deepEqual(shares(sets.at(-1)), [2, 1, 0])
})
