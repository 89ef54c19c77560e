import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { UsageError } from '../../../lib/base/errors.ts'
import { makeLabel } from '../../../lib/label/label-step.ts'
import { outcomeOf } from '../../../lib/label/outcome.ts'
import { fits } from '../../../lib/records/check.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { type Line, makeLine } from '../../../lib/stream/line.ts'
import { anchor, HOUR, labels, MIN, market, OPTIONS, run, T0, tick, trade } from './stream.ts'

/** Bounds of the classes when nothing else is said. */
const USUAL = [-0.8, -0.3, -0.05, 0.05, 0.3, 1] as const
const only = (...horizons: string[]) => ({ horizons })

test('classes at and beside every threshold', () => {
  const cases: [number, string][] = [
    ...([
      [-1, 'RUG'],
      [-0.8, 'RUG'],
      [-0.799, 'DECLINE'],
      [-0.3, 'DECLINE'],
      [-0.299, 'DIP'],
    ] as [number, string][]),
    ...([
      [-0.0501, 'DIP'],
      [-0.05, 'STABLE'],
      [0, 'STABLE'],
      [0.05, 'STABLE'],
      [0.0501, 'CLIMB'],
    ] as [number, string][]),
    ...([
      [0.3, 'CLIMB'],
      [0.301, 'PUMP'],
      [1, 'PUMP'],
      [1.001, 'MOON'],
    ] as [number, string][]),
  ]
  for (const [change, outcome] of cases)
    assert.equal(outcomeOf(change, USUAL), outcome, String(change))
})

// Prices after an anchor at 1.00: +10 min 1.05, +20 min 0.98, +30 min 1.02, +60 min 1.04, +60 min 1
// s 9.00. h1: last price until 13:00 is 1.04 → +4 % = STABLE; peak 1.05 at +10; trough 0.98 at +20;
// the 9.00 is later. Four of twelve five-minute slices have a price → coverage 1/3. Trades of 9, 10
// and 25 SOL: two whales.
test('h1 by hand', () => {
  const lines = [
    ...[
      anchor(0, 1),
      trade(MIN, 9),
      trade(2 * MIN, 10),
      market(10 * MIN, 1.05),
      trade(15 * MIN, 25),
    ],
    ...[market(20 * MIN, 0.98), market(30 * MIN, 1.02), market(HOUR, 1.04), market(HOUR + 1000, 9)],
  ]
  const [out, ...more] = run(lines, only('h1'))
  assert.deepEqual(more, [])
  assert.deepEqual(out, {
    v: 1,
    id: 'market:CAT:0',
    ts: T0,
    kind: 'market',
    source: 't',
    mint: 'CAT',
    pool: 'PCAT',
    label: {
      horizon: 'h1',
      basePriceSol: 1,
      return: 0.04,
      peak: 0.05,
      trough: -0.02,
      peakAt: T0 + 10 * MIN,
      troughAt: T0 + 20 * MIN,
      maxProfit: 0.05,
      profitable: true,
      rug: false,
      outcome: 'STABLE',
      coverage: 4 / 12,
      whaleTrades: 2,
      censored: false,
      availableAt: T0 + HOUR,
    },
  })
  assert.ok(fits('label', out?.label) && fits('envelope', out))
})

test('nothing leaves before time has passed the horizon, and a tick is enough', () => {
  const lines = [anchor(0, 1), market(50 * MIN, 1.5)]
  assert.equal(run([...lines, tick(HOUR)], only('h1')).length, 0)
  assert.equal(run([...lines, tick(HOUR + 1)], only('h1')).length, 1)
})

test('profitable and rug: at, under and after the threshold', () => {
  const h1 = (price: number, at = 30 * MIN) =>
    labels([anchor(0, 1), market(at, price), market(55 * MIN, 1), tick(HOUR + 1)], only('h1'))[0]
  assert.equal(h1(1.03)?.profitable, true)
  assert.equal(h1(1.0299)?.profitable, false)
  assert.equal(h1(0.2)?.rug, true)
  assert.equal(h1(0.201)?.rug, false)
  // The maximum after the first hour makes no h1 profit: h6 tells the first hour’s.
  const h6 = labels(
    [
      anchor(0, 1),
      market(HOUR, 1.01),
      market(HOUR + 1, 5),
      market(5 * HOUR, 5),
      tick(6 * HOUR + 1),
    ],
    only('h6'),
  )[0]
  assert.deepEqual([h6?.profitable, h6?.maxProfit, h6?.peak, h6?.outcome], [false, 0.01, 4, 'MOON'])
})

test('liquidity down by 90 % is a rug, unless the pool closed because the token moved', () => {
  const pool = (liquidityUsd: number, isOpen = true) => ({
    market: { dex: 'd', priceSol: 1, liquidityUsd, isOpen },
  })
  const rug = (low: Partial<Rec>) =>
    labels(
      [
        anchor(0, 1, pool(1000)),
        market(MIN, 1, low),
        market(50 * MIN, 1, pool(1000)),
        tick(HOUR + 1),
      ],
      only('h1'),
    )[0]?.rug
  assert.equal(rug(pool(100)), true)
  assert.equal(rug(pool(101)), false)
  assert.equal(rug(pool(0, false)), false)
})

// Ten snapshots after the anchor; the best of them is the first (1.16 > +15 %), the eleventh would
// have been 3.
test('n10: the best of the next ten snapshots of the pool, known with the tenth', () => {
  const n10 = (price: (i: number) => number, count = 10): Line[] => [
    anchor(0, 1),
    market(500, 7, { pool: 'other' }),
    ...Array.from({ length: count }, (_, i) => market((i + 1) * 1000, price(i + 1))),
    tick(HOUR),
  ]
  assert.deepEqual(
    labels(
      n10(i => (i === 1 ? 1.16 : i === 11 ? 3 : 0.9), 11),
      only('n10'),
    ),
    [
      {
        horizon: 'n10',
        basePriceSol: 1,
        futureMaxGain: 0.16,
        willMoon: true,
        willRug: false,
        censored: false,
        availableAt: T0 + 10_000,
      },
    ],
  )
  assert.equal(
    labels(
      n10(() => 1.15),
      only('n10'),
    )[0]?.willMoon,
    false,
  )
  assert.equal(
    labels(
      n10(i => (i === 5 ? 0.49 : 0.4)),
      only('n10'),
    )[0]?.willRug,
    true,
  )
  assert.equal(
    labels(
      n10(i => (i === 5 ? 0.5 : 0.4)),
      only('n10'),
    )[0]?.willRug,
    false,
  )
  assert.deepEqual(
    labels(
      n10(() => 1, 9),
      only('n10'),
    ),
    [],
  )
  const [late] = labels([...n10(() => 1.2, 9), tick(25 * HOUR)], only('n10'))
  assert.deepEqual(
    [late?.censored, late?.reason, late?.futureMaxGain, late?.willMoon],
    [true, 'too-few-snapshots', 0.2, undefined],
  )
})

// SOL→CAT in pool A (1000 SOL, 1000 CAT), CAT→SOL in pool B (1000 CAT, q SOL), 10 SOL in, no fee,
// base units = 1. A gives floor(1000·10/1010) = 9 CAT. B gives floor(q·9/1009): q = 1300 → 11, q =
// 1000 → 8. Network fees 1 lamport.
test('path: the legs are quoted again with the reserves two seconds later', () => {
  const pool = (at: number, name: string, quoteAmount: string): Line =>
    market(at, 1, {
      id: `m:${name}:${at}`,
      pool: name,
      market: { dex: 'd', baseAmount: '1000', quoteAmount, feeBps: 0 },
    })
  const legs = [
    { dex: 'd', pool: 'A', inMint: 'SOL', outMint: 'CAT', inAmount: '10', outAmount: '9' },
    { dex: 'd', pool: 'B', inMint: 'CAT', outMint: 'SOL', inAmount: '9', outAmount: '11' },
  ]
  const opportunity = { path: legs, inAmount: '10', outAmount: '11', feeLamports: '1' }
  const seen = makeLine({
    v: 1,
    id: 'opportunity:x:1',
    ts: T0 + 5,
    kind: 'opportunity',
    mint: 'CAT',
    source: 't',
    opportunity,
    features: {},
  } as Rec)
  const path = (laterB: string, at: number) =>
    labels([pool(0, 'A', '1000'), pool(1, 'B', '1300'), seen, pool(at, 'B', laterB), tick(3000)])[0]
  const due = T0 + 2005
  assert.deepEqual(path('1300', 2005), {
    horizon: 'path',
    success: false,
    profitLamports: '0',
    censored: false,
    availableAt: due,
  })
  assert.equal(path('1500', 2005)?.profitLamports, '2') // floor(1500·9/1009) = 13; 13 − 10 − 1
  assert.equal(path('1000', 2005)?.profitLamports, '-3') // 8 − 10 − 1
  assert.equal(path('1000', 2006)?.profitLamports, '0') // too late to count
  const [unknown] = labels([seen, tick(3000)])
  assert.deepEqual([unknown?.censored, unknown?.reason], [true, 'unknown-pool'])
})

test('censored tokens are labelled', () => {
  const h1 = (...lines: Line[]) =>
    labels([...lines, tick(HOUR + 1)], { ...only('h1'), wentQuiet: 'unknown' })[0]
  assert.deepEqual(h1(anchor(0, 1)), {
    horizon: 'h1',
    basePriceSol: 1,
    coverage: 0,
    quiet: 'unknown',
    censored: true,
    reason: 'no-prices',
    availableAt: T0 + HOUR,
  })
  const quiet = h1(anchor(0, 1), market(44 * MIN, 0.1))
  assert.deepEqual([quiet?.reason, quiet?.outcome, quiet?.rug], ['went-quiet', 'RUG', true])
  assert.equal(h1(anchor(0, 1), market(45 * MIN, 1))?.censored, false)
  const [noBase] = labels(
    [
      makeLine({ ...anchor(0, 1).rec, market: { dex: 'd' } } as Rec),
      market(50 * MIN, 1),
      tick(HOUR + 1),
    ],
    only('h1'),
  )
  assert.deepEqual(
    [noBase?.reason, noBase?.return, noBase?.basePriceSol],
    ['no-base-price', undefined, undefined],
  )
  const [cut] = labels([anchor(0, 1), market(MIN, 2)], { ...only('h1'), flush: true })
  assert.deepEqual(
    [cut?.censored, cut?.reason, cut?.return, cut?.availableAt],
    [true, 'input-ended', 1, T0 + HOUR],
  )
})

test('one anchor per mint and slot of five minutes, none without features or decision', () => {
  const lines = [
    anchor(0, 1),
    anchor(MIN, 1),
    anchor(5 * MIN, 1),
    market(10 * MIN, 1),
    anchor(10 * MIN, 1, { mint: 'DOG' }),
    tick(2 * HOUR),
  ]
  assert.deepEqual(
    run(lines, only('h1')).map(rec => rec.id),
    ['market:CAT:0', 'market:CAT:300000', 'market:DOG:600000'],
  )
  assert.equal(run(lines, { ...only('h1'), every: 0 }).length, 4)
})

test(
  'a candle counts whole when it began after the anchor, else by its close; another currency ' +
    'not at all',
  () => {
    const candle = (at: number, openAt: number, close: number, high: number, currency = 'usd') =>
      makeLine({
        v: 1,
        id: `candle:${at}`,
        ts: T0 + at,
        kind: 'candle',
        mint: 'CAT',
        source: 't',
        features: {},
        candle: {
          intervalMs: 300_000,
          openAt: T0 + openAt,
          open: 1,
          high,
          low: close,
          close,
          volume: 1,
          currency,
        },
      } as Rec)
    const lines = [
      candle(0, -5 * MIN, 1, 1),
      candle(2 * MIN, -3 * MIN, 1.1, 8),
      candle(5 * MIN, 0, 1.2, 2),
      candle(50 * MIN, 45 * MIN, 1.2, 77, 'sol'),
      tick(HOUR + 1),
    ]
    const [label] = labels(lines, only('h1'))
    assert.deepEqual([label?.peak, label?.return, label?.basePriceSol], [1, 0.2, undefined])
  },
)

test('a late anchor sees the prices since its time; a very late one is left out', () => {
  const late = labels(
    [market(-MIN, 1), market(10_000, 3), anchor(0, 1), market(50 * MIN, 2), tick(HOUR + 1)],
    only('h1'),
  )
  assert.deepEqual([late[0]?.peak, late[0]?.return], [2, 1])
  assert.deepEqual(labels([market(2 * MIN, 3), anchor(0, 1), tick(2 * HOUR)], only('h1')), [])
})

test('--with copies parts, so that a label is a training row', () => {
  const [rec] = run([anchor(0, 1), tick(HOUR + 1)], { ...only('h1'), with: ['features'] })
  assert.equal(rec?.features?.pool?.values?.x, 1)
  assert.throws(() => run([], { with: ['feature'] }), UsageError)
  assert.throws(() => run([], { horizons: ['h0'] }), UsageError)
})

const arbitraryLines = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 40 * 60 }),
      fc.constantFrom('CAT', 'DOG'),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
    ),
    { maxLength: 60 },
  )
  .map(rows =>
    rows
      .sort((a, b) => a[0] - b[0])
      .map(([minute, mint, price, isAnchor], i) =>
        market(minute * MIN, price / 10, { mint, id: `m${i}` }, isAnchor),
      ),
  )

test('property: order by availableAt and id, prefix law, saved state changes nothing', () => {
  fc.assert(
    fc.property(arbitraryLines, fc.nat(), (lines, cut) => {
      const all = run(lines)
      for (let i = 1; i < all.length; i++) {
        const [a, b] = [all[i - 1]!, all[i]!]
        const [x, y] = [a.label?.availableAt ?? 0, b.label?.availableAt ?? 0]
        assert.ok(x < y || (x === y && a.id <= b.id))
      }
      assert.equal(new Set(all.map(rec => `${rec.id} ${rec.label?.horizon}`)).size, all.length)
      const k = lines.length === 0 ? 0 : cut % lines.length
      assert.deepEqual(run(lines.slice(0, k)), all.slice(0, run(lines.slice(0, k)).length))
      const state = mkdtempSync(join(tmpdir(), 'sluice-label-'))
      assert.deepEqual(
        [...run(lines.slice(0, k), { state }), ...run(lines.slice(k), { state })],
        all,
      )
    }),
    { numRuns: 60 },
  )
})

test(
  'input that is given again changes nothing; killed at any line, a run that starts anew gives ' +
    'the rest',
  () => {
    const lines = [
      anchor(0, 1),
      ...Array.from({ length: 30 }, (_, i) => market(1000 + i * 10 * 60_000, 1 + i / 100)),
      tick(25 * HOUR),
    ]
    const all = run(lines)
    assert.ok(all.length >= 3)
    for (const cut of [1, 4, 9, 20]) {
      const state = mkdtempSync(join(tmpdir(), 'sluice-label-'))
      const before = run(lines.slice(0, cut), { state })
      assert.deepEqual(run(lines.slice(0, cut), { state }), [], 'the same lines again')
      assert.deepEqual(
        [...before, ...run(lines, { state })],
        all,
        `from the beginning after ${cut} lines`,
      )
      assert.deepEqual(run(lines, { state }), [], 'all of it again')
    }
    // Saved every ten minutes and then killed: without the end of input, nothing else is written.
    const state = mkdtempSync(join(tmpdir(), 'sluice-label-'))
    const step = makeLabel({ ...OPTIONS, state, saveEvery: 600_000, count: () => {} })
    const early: Rec[] = []
    for (const line of lines.slice(0, 15)) step.line?.(line, ({ rec }) => void early.push(rec))
    const byKey = new Map(
      [...early, ...run(lines, { state })].map(rec => [`${rec.id} ${rec.label?.horizon}`, rec]),
    )
    assert.ok(early.length > 0)
    assert.deepEqual([...byKey.values()], all)
  },
)

test('a state of other settings is refused, a torn one was never put in place', () => {
  const state = mkdtempSync(join(tmpdir(), 'sluice-label-'))
  run([anchor(0, 1)], { state })
  assert.throws(() => run([], { state, every: 0 }), UsageError)
  writeFileSync(join(state, 'label.ndjson.part'), 'half')
  assert.equal(run([tick(HOUR + 1)], { ...OPTIONS, state }).length, 1)
  assert.match(readFileSync(join(state, 'label.ndjson'), 'utf8'), /^\{"version":1/)
})
