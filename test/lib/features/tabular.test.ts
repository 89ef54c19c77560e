import assert from 'node:assert/strict'
import test from 'node:test'
import { DANGERS } from '../../../lib/features/families/risk-score.ts'
import { lexicon } from '../../../lib/features/families/sentiment.ts'
import { parseWallets } from '../../../lib/features/families/smart-money.ts'
import { SETS } from '../../../lib/features/sets.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { HOUR, MINUTE, market, run, type Setup, setsOf, T0, token, trade } from './lines.ts'

const SAFE = {
  name: 'Cat Coin',
  symbol: 'CAT',
  createdAt: T0 - 6 * HOUR,
  mintRevoked: true,
  freezeRevoked: true,
  lpBurnedShare: 1,
  top10Share: 0.184,
  holderCount: 412,
  hasSocials: true,
  description: 'Community of cats, audited and locked. Not a scam.',
}
const valuesOf = (recs: Rec[], more: Setup = {}): Record<string, number> =>
  setsOf('tabular', recs, more).at(-1)?.values as Record<string, number>

test('reported facts and figures go through, in the order of the set', () => {
  const values = valuesOf([
    token(T0, SAFE),
    market(T0 + 1, {
      priceSol: 2,
      liquidityUsd: 23415.6,
      volumeUsd: { m5: 2400, h1: 24000, h24: 98213.4 },
      buys: { h1: 60 },
      sells: { h1: 40 },
      priceChange: { m5: 0.12, h1: -0.2, h24: 3 },
    }),
  ])
  assert.deepEqual(values, {
    liquidityUsd: 23415.6,
    // Only 20·(0.184 − 0.1)/0.5 of the dangers is there.
    riskScore: (20 * (0.184 - 0.1)) / 0.5,
    holderCount: 412,
    top10Percent: 18.4,
    mintRevoked: 1,
    freezeRevoked: 1,
    lpBurnedPercent: 100,
    hasSocials: 1,
    tokenAgeHours: 6 + 1 / HOUR,
    priceChange5m: 0.12,
    priceChange1h: -0.2,
    priceChange24h: 3,
    buyPressure1h: 0.6,
    priceVelocity: 0.024,
    // 2,400 is above the hour's mean of 2,000 per 5 minutes, not above three times that.
    hasVolumeSpike: 0,
    isPumping: 1,
    isDumping: 0,
    // community, audited, locked; "a" stands between "not" and "scam", so that counts against it:
    // (3 − 1)/4.
    sentimentScore: 0.5,
    sentimentConfidence: 4 / 7,
    hasSentimentData: 1,
  })
})

test('what nobody reported is computed from own lines, once seen for long enough', () => {
  const recs: Rec[] = []
  for (let minute = 0; minute <= 130; minute++) {
    const at = T0 + minute * MINUTE
    recs.push(token(at, { holderCount: 100 + minute }))
    // One trade a minute: 10 USD in the first hour, 20 after it; every fourth is a sell.
    const side = minute % 4 === 3 ? 'sell' : 'buy'
    recs.push(trade(at + 1, { price: 100 + minute, usd: minute < 65 ? 10 : 20, side }))
    recs.push(market(at + 2, { priceSol: 100 + minute, liquidityUsd: 1000 + 10 * minute }))
  }
  const values = valuesOf(recs)
  const near = (name: string, wanted: number): void =>
    assert.ok(Math.abs(values[name]! - wanted) < 1e-12, `${name}: ${values[name]} is not ${wanted}`)
  // Now is minute 130; "an hour ago" is the last value before the minute that holds now − 60 min:
  // that of minute 69.
  near('priceChange5m', 230 / 224 - 1)
  near('priceChange1h', 230 / 169 - 1)
  near('priceVelocity', (230 / 224 - 1) / 5)
  near('liquidityTrend', 2300 / 1690 - 1)
  near('holderTrend', 230 / 169 - 1)
  // Whole minutes 70…129 are 60 trades of 20; minutes 10…69 are 55 of 10 and 5 of 20.
  near('volumeChange1h', (60 * 20) / (55 * 10 + 5 * 20) - 1)
  // Minutes 125…129 against 120…124.
  near('volumeAcceleration', 0)
  near(
    'buyPressure1h',
    1 - Array.from({ length: 61 }, (_, i) => 70 + i).filter(m => m % 4 === 3).length / 61,
  )
  near('hasVolumeSpike', 0)
  assert.ok(!('priceChange24h' in values) && !('volumeChange24h' in values))
})

test('a steady flow changes and accelerates by nothing, wherever it is looked at', () => {
  const recs: Rec[] = []
  for (let at = T0 - 49 * 60 * MINUTE; at <= T0; at += 30_000) {
    recs.push(trade(at, { price: 2, usd: 7, side: at % MINUTE === 0 ? 'buy' : 'sell' }))
    if (at > T0 - 10 * MINUTE) recs.push(market(at + 17, { priceSol: 2, liquidityUsd: 1000 }))
  }
  const sets = setsOf('tabular', recs)
  for (const name of ['volumeAcceleration', 'volumeChange1h', 'volumeChange24h', 'priceChange1h'])
    assert.deepEqual(
      [...new Set(sets.flatMap(set => set?.values?.[name] ?? []))],
      [0],
      `${name} of a flow that does not change`,
    )
  assert.equal(sets.at(-1)?.values?.hasVolumeSpike, 0)
})

test('not ready before price and liquidity; facts that nobody reported are absent', () => {
  const [onToken, onMarket] = setsOf('tabular', [
    token(T0, {}),
    market(T0 + 1, { priceSol: 1, liquidityUsd: 900 }),
  ])
  assert.deepEqual(
    [onToken?.ready, onToken?.reason],
    [false, 'needs a market line with price and liquidity'],
  )
  assert.equal(onMarket?.ready, true)
  assert.equal(onMarket?.lines, 2)
  // Unknown dangers count half of 25 + 15 + 20 + 20 + 5 + 5, a liquidity below 5,000 its 10.
  assert.deepEqual(onMarket?.values, { liquidityUsd: 900, riskScore: 55, hasSentimentData: 0 })
})

test('risk points add up to 100, from nothing against it to everything', () => {
  assert.equal(
    DANGERS.reduce((sum, { points }) => sum + points, 0),
    100,
  )
  const worst = {
    createdAt: T0,
    mintRevoked: false,
    freezeRevoked: false,
    lpBurnedShare: 0,
    top10Share: 0.9,
    holderCount: 5,
  }
  assert.equal(
    valuesOf([token(T0, worst), market(T0 + 1, { priceSol: 1, liquidityUsd: 1 })]).riskScore,
    100,
  )
  const best = { ...SAFE, top10Share: 0.05 }
  assert.equal(
    valuesOf([token(T0, best), market(T0 + 1, { priceSol: 1, liquidityUsd: 1e6 })]).riskScore,
    0,
  )
  assert.ok(!('riskScore' in valuesOf([market(T0, { priceSol: 1, liquidityUsd: 1e6 })])))
})

test('smart money: absent without a list; net buys of a day and wallets that still hold', () => {
  const list = new Set(['A', 'B'])
  const recs = [
    trade(T0, { price: 1, tokens: 5, wallet: 'A' }),
    trade(T0 + 1, { price: 1, tokens: 5, wallet: 'X' }),
    trade(T0 + 2, { price: 1, tokens: 3, wallet: 'B' }),
    trade(T0 + 3, { price: 1, tokens: 3, wallet: 'B', side: 'sell' }),
    market(T0 + 4, { priceSol: 1, liquidityUsd: 1 }),
  ]
  const values = valuesOf(recs, { smartWallets: list })
  assert.deepEqual(
    [values.smartMoneyNetBuys, values.smartMoneyHolding, values.isSmartMoneyBullish],
    [1, 1, 1],
  )
  assert.ok(!('smartMoneyNetBuys' in valuesOf(recs)))
  const later = [
    ...recs,
    ...[8, 16, 24, 25].map(h => market(T0 + h * HOUR, { priceSol: 1, liquidityUsd: 1 })),
  ]
  const day = valuesOf(later, { smartWallets: list })
  assert.deepEqual(
    [day.smartMoneyNetBuys, day.smartMoneyHolding, day.isSmartMoneyBullish],
    [0, 1, 0],
  )
})

test('a wallet file: comments and blank lines, an error that names the line', () => {
  const wallet = 'Wa11etQ8mZr5uT2yXc7vB4nKs9dFg3hJp6LoEiUaRtYw'
  assert.deepEqual(parseWallets(`# smart\n\n${wallet} # best\r\n`), new Set([wallet]))
  assert.throws(() => parseWallets(`${wallet}\nnot a wallet`), /line 2: expected a wallet address/)
})

test('the lexicon: shares of positive words; negation turns the next, silence is nothing', () => {
  assert.deepEqual(lexicon('Safe gem, total SCAM'), { score: 1 / 3, confidence: 0.5 })
  assert.deepEqual(lexicon("isn't safe"), { score: -1, confidence: 0.25 })
  assert.equal(lexicon('constructor __proto__ toString'), undefined)
  assert.equal(lexicon(''), undefined)
})

test('a score by another program takes the place of the lexicon', () => {
  const scored = {
    ...market(T0 + 1, { priceSol: 1, liquidityUsd: 1 }),
    score: { sentiment: { value: 0.1, at: T0 } },
  }
  const values = valuesOf([token(T0, SAFE), scored])
  assert.deepEqual([values.sentimentScore, values.sentimentConfidence], [-0.8, 1])
})

test('of several pools the deepest speaks; lines of the others leave as they came', () => {
  const small = { ...market(T0 + 2, { priceSol: 9, liquidityUsd: 10 }), pool: 'small' }
  const deep = { ...market(T0 + 3, { priceSol: 2, liquidityUsd: 5000 }), pool: 'deep' }
  const recs = [
    market(T0 + 1, { priceSol: 1, liquidityUsd: 1000 }),
    small,
    deep,
    market(T0 + 4, { priceSol: 1, liquidityUsd: 1000 }),
  ]
  const out = run(recs, ['tabular'])
  assert.deepEqual([out[1], out[3]], [JSON.stringify(small), JSON.stringify(recs[3])])
  assert.equal((JSON.parse(out[2]!) as Rec).features?.tabular?.values?.liquidityUsd, 5000)
})

test('every feature of the set can be known', () => {
  const recs: Rec[] = []
  for (let hour = 0; hour <= 50; hour++) {
    recs.push(token(T0 + hour * HOUR, { ...SAFE, holderCount: 100 + hour }))
    for (let m = 0; m < 60; m += 5) {
      const at = T0 + hour * HOUR + m * MINUTE
      recs.push(trade(at + 1, { price: 1 + m, usd: 5 + hour, wallet: 'A' }))
      recs.push(
        market(at + 2, {
          priceSol: 1 + m,
          liquidityUsd: 5000 + m,
          volumeUsd: { m5: 5 + m, h1: 60 + hour, h24: 900 + hour },
        }),
      )
    }
  }
  const values = valuesOf(recs, { smartWallets: new Set(['A']) })
  assert.deepEqual(
    Object.keys(values),
    SETS.tabular.features.map(feature => feature.name),
  )
})
