import assert from 'node:assert/strict'
import { test } from 'node:test'
import gate from '../../cmd/gate.ts'
import type { StepCommand } from '../../lib/cli/command.ts'
import { GATE_RULES } from '../../lib/decide/gate-rules.ts'
import { contextOf, runStep } from '../kit/step.ts'

const T = 1763685000000
const MINT = 'CATx7yq3v1mRf2u8kE5nWd4hZs9pLb6gTraJcQwXpump'
const line = (id: string, kind: string, parts: object, ts = T): string =>
  JSON.stringify({ v: 1, id, ts, kind, mint: MINT, source: 'test', ...parts })

const token = line('token', 'token', {
  token: {
    mintRevoked: true,
    freezeRevoked: true,
    lpBurnedShare: 1,
    top10Share: 0.184,
    holderCount: 412,
    createdAt: T - 21_600_000,
  },
})
const market = (parts: object = {}, ts = T): string =>
  line(
    'market:1',
    'market',
    {
      market: {
        dex: 'pumpswap',
        quoteMint: 'So11111111111111111111111111111111111111112',
        baseDecimals: 6,
        quoteDecimals: 9,
        baseAmount: '206900000000000',
        quoteAmount: '79000000000',
        priceSol: 3.81827e-7,
        liquidityUsd: 23415.6,
      },
      features: { pool: { hash: 'x', ready: true, regime: 'steady-climb' } },
      prediction: { outcome: { version: '1', rugProb: 0.11 } },
      ...parts,
    },
    ts,
  )
const candle = (parts: object, ts = T): string =>
  line(
    `candle:${ts}`,
    'candle',
    {
      candle: {
        intervalMs: 300000,
        openAt: ts - 300000,
        open: 3.6902e-7,
        high: 3.8411e-7,
        low: 3.6655e-7,
        close: 3.81827e-7,
        volume: 41250330.2,
        currency: 'sol',
      },
      ...parts,
    },
    ts,
  )
const signals = {
  prediction: {
    sequence: { version: '1', profitable: 0.7421, maxProfit: 0.0613, rugRisk: 0.0812 },
  },
  strategy: {
    candlestick: { signal: 'buy', confidence: 0.71, reasons: ['bullish-engulfing'] },
    'trend-reversal': { signal: 'hold', confidence: 0.32, reasons: [] },
    'anti-martingale': { signal: 'buy', confidence: 0.6, reasons: ['streak-2'], sizeFactor: 1.25 },
  },
}

async function run(lines: string[], flags: object = {}): Promise<any[]> {
  const step = await (gate as StepCommand<any>).make(contextOf(gate, flags as never))
  return (await runStep(step, lines)).map(raw => JSON.parse(raw))
}
const last = async (lines: string[], flags: object = {}) =>
  (await run(lines, flags)).at(-1).decision

test('the example of the record: scores, size, price and the lines that were used', async () => {
  const decision = await last([token, market(), candle(signals)])
  assert.match(decision.config, /^[0-9a-f]{8}$/)
  assert.deepEqual(decision, {
    act: 'buy',
    recommendation: 'EXECUTE',
    confidence: 0.72926,
    scores: { model: 0.7421, strategy: 0.71 },
    weights: { model: 0.6, strategy: 0.4 },
    rugRisk: 0.11,
    sizeLamports: '86463000',
    priceSol: 3.81827e-7,
    maxSlippageBps: 150,
    reasons: [],
    unknown: [],
    used: { sequence: `candle:${T}`, outcome: 'market:1' },
    config: decision.config,
  })
})

test('all failed rules are named, what cannot be judged is unknown', async () => {
  const risky = {
    prediction: { sequence: { version: '1', profitable: 0.581, rugRisk: 0.41 } },
    strategy: { candlestick: { signal: 'buy', confidence: 0.6565, reasons: [] } },
  }
  const noLp = token.replace('"lpBurnedShare":1,', '')
  const decision = await last([noLp, market(), candle(risky)], { explain: true })
  // 0.6 × 0.581 + 0.4 × 0.6565 = 0.6112
  assert.equal(decision.confidence, 0.6112)
  assert.equal(decision.act, 'drop')
  assert.deepEqual(decision.reasons, ['rug-risk', 'confidence', 'combined'])
  assert.deepEqual(decision.unknown, ['lp-burned'])
  assert.equal(decision.sizeLamports, undefined)
  assert.deepEqual(
    decision.rules.map((r: any) => r.rule),
    GATE_RULES.map(rule => rule.name),
  )
  assert.deepEqual(decision.rules[0], { rule: 'rug-risk', result: 'fail', value: 0.41, limit: 0.3 })
})

test('each rule fails alone when its fact is bad', async () => {
  const ok = [token, market(), candle(signals)]
  const replace = (index: number, from: string, to: string) =>
    ok.map((raw, i) => (i === index ? raw.replace(from, to) : raw))
  const cases: [string, string[], object?][] = [
    ['mint', replace(0, '"mintRevoked":true', '"mintRevoked":false')],
    ['freeze', replace(0, '"freezeRevoked":true', '"freezeRevoked":false')],
    ['lp-burned', replace(0, '"lpBurnedShare":1', '"lpBurnedShare":0.2')],
    ['holders', replace(0, '"holderCount":412', '"holderCount":3')],
    ['top10', replace(0, '"top10Share":0.184', '"top10Share":0.9')],
    ['age', replace(0, `"createdAt":${T - 21_600_000}`, `"createdAt":${T - 1000}`)],
    ['liquidity', replace(1, '"liquidityUsd":23415.6', '"liquidityUsd":10')],
    ['regime', replace(1, 'steady-climb', 'rug-dump')],
    [
      'regime',
      replace(
        1,
        '"features":{',
        '"features":{"regime":{"hash":"y","ready":true,"values":{"rugDumpShare":0.6}},',
      ),
    ],
    // 86463000 / (1000000000 + 86463000) = 8 % of the quote reserve
    ['impact', replace(1, '"quoteAmount":"79000000000"', '"quoteAmount":"1000000000"')],
    ['rug-risk', replace(1, '"rugProb":0.11', '"rugProb":0.31')],
    ['confidence', ok, { minConfidence: 0.75 }],
    ['combined', ok, { minCombined: 0.73 }],
    [
      'quality',
      replace(2, '"candle":', '"quality":{"score":10,"marks":["gap"]},"candle":'),
      { minQuality: 50 },
    ],
    ['cooldown', [...ok, candle(signals, T + 30_000)]],
  ]
  for (const [rule, lines, flags] of cases) {
    const decision = await last(lines, flags)
    assert.deepEqual([rule, decision.act, decision.reasons], [rule, 'drop', [rule]])
    assert.deepEqual(
      (await last(lines, { ...flags, without: [rule] })).reasons,
      [],
      `${rule} left out`,
    )
  }
})

test('an old price is stale', async () => {
  const scored = line(
    'token:2',
    'token',
    { token: {}, score: { llm: { value: 0.9, at: T + 61_000 } } },
    T + 61_000,
  )
  const decision = await last([token, market(), scored], { weights: ['llm=1'] })
  assert.deepEqual(decision.reasons, ['stale'])
})

test('predictions above the maximum age, and errors of a model, do not count', async () => {
  const strategyOnly = { strategy: signals.strategy }
  const late = await last([token, market(), candle(signals), candle(strategyOnly, T + 60_001)], {
    cooldown: 0,
  })
  assert.deepEqual(late.scores, { strategy: 0.71 })
  assert.deepEqual(late.weights, { strategy: 1 })
  assert.equal(late.rugRisk, undefined)
  assert.ok(late.unknown.includes('rug-risk'))
  const fresh = await last([token, market(), candle(signals), candle(strategyOnly, T + 60_000)], {
    cooldown: 0,
  })
  assert.deepEqual(fresh.scores, { model: 0.7421, strategy: 0.71 })
  const failed = {
    prediction: { sequence: { error: 'timeout', reason: 'no answer' } },
    strategy: signals.strategy,
  }
  assert.deepEqual((await last([token, market(), candle(signals), candle(failed, T + 1)])).scores, {
    strategy: 0.71,
  })
})

test('a required model that is missing fails; one switched off changes nothing', async () => {
  const strategyOnly = candle({ strategy: signals.strategy })
  assert.deepEqual((await last([token, market(), strategyOnly], { mlRequired: true })).reasons, [
    'no-model',
  ])
  const off = await last([token, market(), candle(signals)], { useMl: false })
  assert.deepEqual([off.act, off.confidence, off.scores], ['buy', 0.71, { strategy: 0.71 }])
})

test('sell, hold, and lines that are not asked about', async () => {
  const sell = candle({ strategy: { a: { signal: 'sell', confidence: 0.8, reasons: [] } } })
  const decision = await last([sell])
  assert.deepEqual([decision.act, decision.exit, decision.confidence], ['sell', 'strategy', 0.8])
  const hold = await last([
    candle({ strategy: { a: { signal: 'hold', confidence: 0.8, reasons: [] } } }),
  ])
  assert.deepEqual([hold.act, hold.confidence, hold.reasons], ['hold', undefined, []])
  const step = await (gate as StepCommand<any>).make(contextOf(gate))
  const plain = `${token.slice(0, -1)}, "own":  1.50 }`
  const warm = candle({ ...signals, warm: true })
  assert.deepEqual(await runStep(step, [plain, warm]), [plain, warm])
})

test('the hash is of what decides, and of nothing else', async () => {
  const hash = async (flags: object) => (await last([candle(signals)], flags)).config
  const plain = await hash({})
  for (const same of [{ explain: true }, { skipBad: true, rejects: 'x' }, { maxTokens: 5 }])
    assert.equal(await hash(same), plain)
  for (const other of [
    { maxRugRisk: 0.31 },
    { size: 1n },
    { without: ['mint'] },
    { weights: ['model=1'] },
    { maxAge: 1 },
  ])
    assert.notEqual(await hash(other), plain, Object.keys(other).join())
})

test('the flag offers every rule, in the order of the list', () => {
  assert.deepEqual(
    gate.flags.without?.choices,
    GATE_RULES.map(({ name }) => name),
  )
})

test('only-passed leaves out drops and holds, keeps lines without a decision', async () => {
  const out = await run(
    [token, candle({ strategy: { a: { signal: 'buy', confidence: 0.1, reasons: [] } } })],
    {
      onlyPassed: true,
    },
  )
  assert.deepEqual(
    out.map(rec => rec.id),
    ['token'],
  )
})

test('the newest prediction of a model wins, by the order of heads of the model role', async () => {
  const moon = {
    prediction: {
      moon: { version: '1', p: 0.9 },
      outcome: { version: '1', probabilities: { PUMP: 0.5, MOON: 0.45 } },
    },
  }
  assert.equal((await last([candle(moon)])).scores.model, 0.9)
  const both = {
    prediction: { ...moon.prediction, opportunity: { version: '1', successProbability: 0.8 } },
  }
  assert.equal((await last([candle(both)])).scores.model, 0.8)
  const outcome = { prediction: { outcome: moon.prediction.outcome } }
  assert.equal((await last([candle(outcome)])).scores.model, 0.95)
})
