import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeRng } from '../../../../lib/base/rng.ts'
import { readGarch } from '../../../../lib/features/garch-file.ts'
import { SETS } from '../../../../lib/features/sets.ts'
import { readBundle } from '../../../../lib/model/files.ts'
import { openPredictor } from '../../../../lib/model/serve/open-predict.ts'
import { verifyBundle } from '../../../../lib/model/verify.ts'
import { openSession } from '../../../../lib/onnx/session.ts'
import type { Rec } from '../../../../lib/records/record.ts'
import { makeLine } from '../../../../lib/stream/line.ts'
import type { VolatilityFlags } from '../../../../lib/train/train-flags.ts'
import { forecastVariance, tailRisk } from '../../../../lib/train/volatility/garch-forecast.ts'
import { returnSeries } from '../../../../lib/train/volatility/returns.ts'
import { runTrainVolatility } from '../../../../lib/train/volatility/run-train-volatility.ts'
import { volatilityGraph } from '../../../../lib/train/volatility/volatility-model.ts'
import { sharedFile } from '../../../kit/shared.ts'
import { folder, served } from '../../model/fixture.ts'

const FLAGS: VolatilityFlags = {
  label: 'label',
  time: 'time',
  timeFormat: undefined,
  timeZone: undefined,
  decimal: '.',
  group: undefined,
  returns: false,
  test: 0.2,
  seed: 1,
  out: undefined,
  note: undefined,
}

/** Closes of a GARCH(1,1) with ω 8e-6, α .3, β .5 (long-run σ 0.63 % a bar). */
function closes(bars: number, seed: string): number[] {
  const rng = makeRng(seed)
  let [h, r, price] = [4e-5, 0, 100]
  return Array.from({ length: bars }, () => {
    h = 8e-6 + 0.3 * r * r + 0.5 * h
    r = Math.sqrt(h) * rng.normal()
    return (price *= Math.exp(r))
  })
}

async function run(file: string, more: Partial<VolatilityFlags> = {}) {
  const lines: Record<string, unknown>[] = []
  const said: string[] = []
  const log = { info: () => {}, warn: (text: string) => void said.push(text), error: () => {} }
  await runTrainVolatility(
    file,
    { ...FLAGS, ...more },
    { write: async text => void lines.push(JSON.parse(text)) },
    log,
  )
  const find = (name: string) =>
    lines.find(line => line.name === name) as Record<string, number> | undefined
  return { find, said: said.join('\n') }
}

const csv = (path: string, series: Record<string, number[]>): string => {
  const rows = Object.entries(series).flatMap(([mint, prices]) =>
    prices.map((close, k) => `${mint},${1_700_000_000 + 300 * k},${close}`),
  )
  writeFileSync(path, `mint,time,close\n${rows.join('\n')}\n`)
  return path
}

test(
  'a series: parameters near the true ones, forecasts better than an EWMA, 5 % of losses ' +
    'beyond the value at risk',
  async t => {
    const dir = folder(t)
    const out = join(dir, 'volatility', '1')
    const { find, said } = await run(csv(join(dir, 'a.csv'), { a: closes(6000, 'one') }), { out })
    const { alpha, beta, omega } = find('parameters')!
    assert.equal(said, '')
    // Four standard errors at 4,800 returns, which the fit prints: about .025, .03 and 7e-7.
    assert.ok(
      Math.abs(alpha! - 0.3) < 0.1 &&
        Math.abs(beta! - 0.5) < 0.13 &&
        Math.abs(omega! - 8e-6) < 3e-6,
    )
    const gained = find('logDensity gained')!
    assert.ok(gained.low! > 0, JSON.stringify(gained))
    const breaches = find('breaches')!
    assert.ok(breaches.low! < 0.05 && breaches.high! > 0.05, JSON.stringify(breaches))
    const loaded = readBundle(out)
    // Both kinds of errors stand in what is printed, in the bundle and on its card.
    const parameters = find('parameters') as unknown as Record<string, Record<string, number>>
    for (const kind of ['standardErrors', 'robustErrors']) {
      const told = parameters[kind]!
      assert.ok(told.mu! > 0 && told.omega! > 0 && told.alpha! > 0 && told.beta! > 0, kind)
      assert.deepEqual(loaded.bundle.algorithm.settings[kind], told)
      assert.ok(
        readFileSync(join(out, 'CARD.md'), 'utf8').includes(`${kind} ${JSON.stringify(told)}`),
      )
    }
    assert.ok((await verifyBundle(loaded)) < 1e-9)
    assert.deepEqual(readGarch(join(out, 'bundle.json')), {
      mu: find('parameters')!.mu,
      omega,
      alpha,
      beta,
    })
  },
)

test(
  'the file forecasts what the recursion forecasts; without a GARCH state it starts from the ' +
    'EWMA',
  async () => {
    // By hand: α+β = .95, ω = 2e-6, long-run 4e-5; h₁ = 1e-4: h₂ = 2e-6 + .95e-4 = 9.7e-5.
    const model = { mu: 0.0001, omega: 2e-6, alpha: 0.1, beta: 0.85 }
    const session = await openSession(volatilityGraph(model))
    const data = Float32Array.of(0.02, 0.01, 0.02, Number.NaN)
    const out = await session.run([{ name: 'features', data, shape: [2] }], 2)
    await session.release()
    const near = (a: number, b: number): void =>
      assert.ok(Math.abs(a - b) < 1e-7, `${a} is not ${b}`)
    const sigma = out.get('sigma')!
    near(sigma[0]!, 0.01)
    near(sigma[1]!, Math.sqrt(9.7e-5))
    for (const [k, h] of forecastVariance(model, 1e-4).entries()) near(sigma[k]!, Math.sqrt(h))
    near(sigma[12]!, 0.02)
    // 1.6448536 σ − μ, and σ φ(z)/.05 − μ with φ(z)/.05 = 2.0627128.
    near(out.get('var95')![0]!, 0.016448536 - 0.0001)
    near(out.get('es95')![0]!, 0.020627128 - 0.0001)
    near(out.get('var95')![1]!, tailRisk(0.0001, 4e-4).valueAtRisk)
  },
)

test('predict serves it from the volatility set', async t => {
  const dir = folder(t)
  await run(csv(join(dir, 'a.csv'), { a: closes(1500, 'two') }), {
    out: join(dir, 'volatility', '1'),
  })
  const step = await openPredictor(served(dir, { model: ['volatility@1'], isDeterministic: true }))
  const values = { return: 0.001, ewmaSigma: 0.006, garchSigma: 0.007 }
  const features = { volatility: { hash: SETS.volatility.hash, ready: true, values } }
  const line = makeLine({
    v: 1,
    id: 'candle:a:5m:0',
    ts: 1,
    kind: 'candle',
    mint: 'a',
    source: 'test',
    features,
  } as Rec)
  await step.batch?.([line], () => {})
  await step.close?.()
  const found = line.rec.prediction!.volatility!
  assert.equal(found.sigma!.length, 12)
  assert.ok(Math.abs(found.sigma![0]! - 0.007) < 1e-8)
  assert.ok(found.es95! > found.var95! && found.var95! > 0)
})

test(
  'several series are pooled; short ones are left out; too few returns become an EWMA that ' +
    'says why',
  async t => {
    const dir = folder(t)
    const series = { a: closes(1500, 'three'), b: closes(1500, 'four'), c: closes(40, 'five') }
    const pooled = await run(csv(join(dir, 'a.csv'), series), { group: 'mint' })
    assert.match(
      pooled.said,
      /1 of 3 series were left out.*\n?.*One set of parameters for 2 series/,
    )
    assert.equal((pooled.find('parameters') as unknown as { method: string }).method, 'garch')
    const few = await run(csv(join(dir, 'b.csv'), { a: closes(60, 'six') }))
    assert.match(few.said, /EWMA with λ = 0.94 instead of GARCH\(1,1\): needs 100 returns, has 47/)
    await assert.rejects(run(csv(join(dir, 'c.csv'), { a: closes(8, 'seven') })), {
      code: 3,
      message: /needs 10 returns/,
    })
    await assert.rejects(run(csv(join(dir, 'd.csv'), { a: [1, 2, 0, 3] })), {
      code: 3,
      message: /row 3 is 0, expected a price above 0/,
    })
  },
)

test('returns over missing bars and second closes of one time are left out', () => {
  // Bars of 5 minutes; the third close comes two bars late, the fourth twice.
  const time = Float64Array.of(0, 5, 15, 20, 20, 25)
  const [series] = returnSeries(Float64Array.of(1, 2, 4, 8, 99, 8), time, undefined)
  assert.deepEqual(
    [...series!.returns].map(r => Math.round(Math.exp(r))),
    [2, 2, 1],
  )
  assert.deepEqual([...series!.at], [5, 20, 25])
  assert.equal(series!.gaps, 1)
})

test('returns are taken as given; without --label the one possible column is found', async t => {
  const dir = folder(t)
  const prices = closes(400, 'eight')
  const returns = prices.slice(1).map((price, k) => Math.log(price / prices[k]!))
  const write = (name: string, header: string, rows: (string | number)[]): string => {
    writeFileSync(join(dir, name), `${header}\n${rows.join('\n')}\n`)
    return join(dir, name)
  }
  const options = { time: undefined, test: 0 }
  const fitted = await run(write('r.csv', 'x', returns), { ...options, returns: true })
  const closed = await run(
    write(
      'c.csv',
      'Close,Volume',
      prices.map(price => `${price},7`),
    ),
    options,
  )
  const parameters = fitted.find('parameters')!
  assert.equal(parameters.returns, 399)
  for (const name of ['mu', 'omega', 'alpha', 'beta'])
    assert.ok(
      Math.abs(parameters[name]! - closed.find('parameters')![name]!) <
        1e-6 * Math.abs(parameters[name]!),
      name,
    )
  // In percent everything but α and β is a hundred times as large, ω and variances ten thousand
  // times.
  const percent = await run(
    write(
      'p.csv',
      'Return,n',
      returns.map(r => `${100 * r},1`),
    ),
    { ...options, returns: true },
  )
  assert.ok(
    Math.abs(percent.find('forecast')!.var95! / fitted.find('forecast')!.var95! - 100) < 1e-3,
  )
  await assert.rejects(run(join(dir, 'r.csv'), options), {
    code: 3,
    message: /expected a price above 0 \(--returns/,
  })
  await assert.rejects(run(write('two.csv', 'a,b', ['1,2', '3,4']), options), {
    code: 2,
    message: /name the column of closes with --label \(a, b\)/,
  })
})

const dem = sharedFile('data/garch-dem2gbp/dem2gbp.csv.gz')
test('the published DEM/GBP figures from the file as it is', { skip: dem.skip }, async () => {
  const { find } = await run(dem.path, {
    label: 'DEM2GBP',
    time: undefined,
    returns: true,
    test: 0,
  })
  const found = find('parameters')!
  // Fiorentini, Calzolari & Panattoni (1996): −.0061904, .010761, .15313, .80597; 10 steps ahead by
  // their recursion.
  assert.deepEqual(
    ['mu', 'omega', 'alpha', 'beta'].map(name => found[name]!.toPrecision(5)),
    ['-0.0061904', '0.010761', '0.15313', '0.80597'],
  )
  assert.match(String(found.initialisation), /mean squared residual/)
  const { sigma } = find('forecast') as unknown as { sigma: number[] }
  assert.ok(Math.abs(sigma[0]! ** 2 - 0.14699224640130187) < 2e-6)
  assert.ok(Math.abs(sigma[9]! ** 2 - 0.18338138592170267) < 2e-6)
})

test('daily closes go over weekends and holidays, bars of minutes over no gap', () => {
  const day = 86_400_000
  const time = Float64Array.of(0, day, 2 * day, 5 * day, 6 * day, 16 * day)
  const [series] = returnSeries(Float64Array.of(1, 2, 4, 8, 16, 32), time, undefined)
  assert.deepEqual([series!.returns.length, series!.gaps], [4, 1])
})

test('parameters that are none are refused', t => {
  const dir = folder(t)
  const path = join(dir, 'bundle.json')
  const put = (settings: object): string => {
    writeFileSync(path, JSON.stringify({ algorithm: { settings } }))
    return path
  }
  assert.throws(() => readGarch(join(dir, 'none.json')), { code: 2, message: /none\.json/ })
  assert.throws(() => readGarch(put({ mu: 0, omega: 1e-6, alpha: 0.1 })), {
    code: 2,
    message: /beta is not a number/,
  })
  assert.throws(() => readGarch(put({ mu: 0, omega: 1e-6, alpha: 0.3, beta: 0.8 })), {
    code: 2,
    message: /is no GARCH/,
  })
})
