import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { featureSet, hashOf } from '../../../lib/features/kit/feature-set.ts'
import { DEFAULT_SETS, SET_NAMES, SETS } from '../../../lib/features/sets.ts'

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
  const held = DEFAULT_SETS.map(name => `${name} ${SETS[name].features.length} ${SETS[name].hash}`)
  // Hashes that bundles trained before name: another one here makes all of those models useless.
  assert.deepEqual(held, [
    'sequence 30 72a8a8ae4f87',
    'price 10 2d23bc4df3ad',
    'volatility 3 7dcd32984767',
    'tabular 28 b5dfc84ba848',
    'pool 14 0e0e4fa61dae',
    'opportunity 16 1f9a43a6294d',
  ])
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
      ['whales', 'regime', 'sizes'],
    )
  },
)

test(
  'a row that is not whole, or a name that is there twice, is refused with the set and the ' +
    'row',
  () => {
    const kinds = ['market'] as const
    const row = 'a@1 | count | 1 market | market\n  what it counts,\n  in two lines'
    assert.deepEqual(featureSet({ name: 'x', kinds, rows: `\n${row}` }).features, [
      {
        name: 'a',
        version: 1,
        unit: 'count',
        warmup: '1 market',
        source: 'market',
        definition: 'what it counts, in two lines',
      },
    ])
    for (const rows of [
      'a@1 | count | 1 market\n  words',
      'a@0 | b | c | d\n  e',
      'a@1 | b | c | d',
    ])
      assert.throws(() => featureSet({ name: 'x', kinds, rows }), /^RangeError: set x: expected/)
    assert.throws(
      () => featureSet({ name: 'x', kinds, rows: `${row}\n${row}` }),
      /a is there twice/,
    )
  },
)
