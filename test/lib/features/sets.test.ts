import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { DEFAULT_SETS, hashOf, SET_NAMES, SETS } from '../../../lib/features/sets.ts'

test(
  'every feature of every set is declared whole: name, version, unit, warm-up, source, ' +
    'definition',
  () => {
    for (const name of SET_NAMES) {
      for (const feature of SETS[name].features) {
        assert.match(feature.name, /^[a-z][A-Za-z0-9]*$/, name)
        assert.ok(feature.version >= 1, feature.name)
        for (const text of [feature.unit, feature.warmup, feature.source, feature.definition])
          assert.ok(
            text !== undefined && text.length > 0 && !text.includes('|'),
            `${name}.${feature.name}`,
          )
      }
      const names = SETS[name].features.map(feature => feature.name)
      assert.equal(new Set(names).size, names.length, `${name} has a name twice`)
    }
  },
)

test('the sets hold what their models are trained on', () => {
  const sizes = Object.fromEntries(SET_NAMES.map(name => [name, SETS[name].features.length]))
  assert.deepEqual(sizes, {
    sequence: 30,
    price: 10,
    volatility: 3,
    tabular: 28,
    pool: 14,
    opportunity: 16,
    whales: 5,
    regime: 5,
  })
  assert.deepEqual(
    SETS.pool.features.map(feature => feature.name).join(' '),
    'priceChange1 priceChange3 priceChange10 consecutiveGains kConstant liquidityChange ' +
      'reserveRatio volumeSpike volumeMa5 massiveDump reserveDrain poolAgeMinutes ' +
      'priceAcceleration volumeAcceleration',
  )
  assert.deepEqual(
    SETS.tabular.features.map(feature => feature.name).join(' '),
    'liquidityUsd riskScore holderCount top10Percent mintRevoked freezeRevoked ' +
      'lpBurnedPercent hasSocials tokenAgeHours priceChange5m priceChange1h priceChange24h ' +
      'volumeChange1h volumeChange24h buyPressure1h smartMoneyNetBuys smartMoneyHolding ' +
      'isSmartMoneyBullish priceVelocity volumeAcceleration liquidityTrend holderTrend ' +
      'hasVolumeSpike isPumping isDumping sentimentScore sentimentConfidence hasSentimentData',
  )
})

test('hash: first 12 hex digits of the sha256 over the ordered name@version:unit list', () => {
  const list = [
    { name: 'a', version: 1, unit: 'fraction' },
    { name: 'b', version: 2, unit: 'USD' },
  ]
  const wanted = createHash('sha256').update('a@1:fraction\nb@2:USD').digest('hex').slice(0, 12)
  assert.equal(hashOf(list), wanted)
  assert.notEqual(hashOf([...list].reverse()), wanted)
  for (const name of SET_NAMES) assert.match(SETS[name].hash, /^[0-9a-f]{12}$/)
})

test(
  'only the regime shares read lines of other tokens, and what no model is trained on is not ' +
    'computed unless named',
  () => {
    assert.deepEqual(
      SET_NAMES.filter(name => SETS[name].scope === 'market'),
      ['regime'],
    )
    assert.deepEqual(
      SET_NAMES.filter(name => !DEFAULT_SETS.includes(name)),
      ['whales', 'regime'],
    )
  },
)
