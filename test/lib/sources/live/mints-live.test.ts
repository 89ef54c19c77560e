import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeRng } from '../../../../lib/base/rng.ts'
import type { Rec } from '../../../../lib/records/record.ts'
import { openExchange } from '../../../exchange/http.ts'
import { makeMarket, SOL_USD } from '../../../exchange/market.ts'
import { of, run } from './run.ts'

const market = makeMarket({ seed: 'own', days: 0.4, tokensPerHour: 12, until: Date.now() })
const own = market.mints
  .filter(mint => (market.candles(market.latest(mint)?.pool ?? '').length ?? 0) > 5)
  .slice(0, 3)

const bases = (url: string): string[] =>
  ['dexscreener', 'geckoterminal', 'jupiter'].map(name => `${name}=${url}`)

test('own mints: past candles in order of time, then the market with ticks', async t => {
  const exchange = await openExchange(market, makeRng('a'))
  t.after(() => exchange.close())
  const { lines, said } = await run(
    { mints: own, base: bases(exchange.url) },
    seen =>
      new Set(of(seen, 'market').map(({ mint }) => mint)).size === own.length &&
      of(seen, 'tick').length > 20,
  )
  assert.match(
    said.join('\n'),
    /3 tokens for a day, at most: dexscreener .* calls, .* MiB of lines; history first: 3 calls/,
  )
  const candles = of(lines, 'candle')
  assert.deepEqual(
    candles.map(({ ts }) => ts),
    candles.map(({ ts }) => ts).sort((a, b) => a - b),
  )
  assert.equal(new Set(candles.map(({ id }) => id)).size, candles.length)
  for (const mint of own) {
    const pool = market.latest(mint)?.pool ?? ''
    const since = Date.now() - 9 * 3_600_000
    const truth = market.candles(pool).filter(({ candle }) => (candle?.openAt ?? 0) >= since)
    const got = candles.filter(rec => rec.mint === mint && !rec.candle?.filled)
    assert.ok(truth.length > 0)
    assert.deepEqual(
      got.map(({ candle }) => candle?.openAt),
      truth.map(({ candle }) => candle?.openAt),
    )
    for (const [i, { candle }] of got.entries()) {
      const { candle: real } = truth[i]!
      assert.equal(candle?.close, (real?.close ?? 0) * SOL_USD)
      assert.ok(Math.abs((candle?.volume ?? 0) / (real?.volume ?? 1) - 1) < 1e-9)
    }
    const [now] = of(lines, 'market').filter(rec => rec.mint === mint)
    assert.equal(now?.pool, pool)
    assert.equal(now?.market?.priceSol, market.latest(mint)?.market?.priceSol)
  }
  const at = lines.findIndex(({ kind }) => kind === 'market')
  assert.ok(lines.slice(at).every(({ kind }) => kind !== 'candle'))
  assert.ok(lines.slice(0, at).some(({ kind }) => kind === 'tick'))
})

test('an estimate alone asks nobody', async () => {
  const { lines, said } = await run(
    { mints: own, estimate: true, base: bases('http://127.0.0.1:9') },
    () => false,
  )
  assert.deepEqual([lines.length, said.length], [0, 1])
})

test('a host that goes away leaves a gap line when it is back', async t => {
  const exchange = await openExchange(market, makeRng('b'))
  t.after(() => exchange.close())
  let downAt = 0
  const { lines, counts, said } = await run(
    { mints: own.slice(0, 1), history: 0, base: bases(exchange.url) },
    seen => {
      if (of(seen, 'market').length > 0 && downAt === 0) {
        downAt = seen.length
        exchange.down(true)
      }
      // Some minutes of silence.
      if (downAt > 0 && seen.length > downAt + 60) exchange.down(false)
      return of(seen, 'gap').length > 0
    },
  )
  const [gap] = of(lines, 'gap')
  assert.ok((gap?.gap?.untilAt ?? 0) > (gap?.gap?.fromAt ?? 1) + 60_000)
  assert.match(gap?.source ?? '', /dexscreener|geckoterminal/)
  assert.equal(counts.get('gaps'), of(lines, 'gap').length)
  assert.match(said.join('\n'), /dexscreener does not answer: dexscreener: 127.0.0.1/)
})

test('found tokens: each once a change, facts of several merged, through any trouble', async t => {
  const exchange = await openExchange(market, makeRng('c'), 0.3)
  t.after(() => exchange.close())
  const names = ['dexscreener', 'geckoterminal', 'jupiter']
  const { lines, counts } = await run({ providers: names, base: bases(exchange.url) }, seen => {
    const merged = of(seen, 'token').filter(({ token }) => token?.seen !== undefined)
    const faults = [...exchange.faults.values()].reduce((sum, n) => sum + n, 0)
    return (
      faults > 10 &&
      merged.length > 2 &&
      new Set(of(seen, 'market').map(({ mint }) => mint)).size > 8
    )
  })

  assert.ok((counts.get('tokens followed') ?? 0) > 5)
  const tokens = of(lines, 'token')
  for (const [i, rec] of tokens.entries()) {
    const before = tokens.slice(0, i).findLast(({ mint }) => mint === rec.mint)
    const { seen: _, ...facts } = rec.token ?? {}
    const { seen: __, ...old } = before?.token ?? {}
    assert.notDeepEqual(facts, old, rec.id)
  }
})

test('paths there and back that return more than they cost are opportunities', async t => {
  const exchange = await openExchange(market, makeRng('e'))
  t.after(() => exchange.close())
  const mints = market.mints.filter(mint => !/^[123]/.test(mint)).slice(0, 1)
  const flags = { mints, history: 0, arbitrage: 1_000_000_000n, base: bases(exchange.url) }
  const { lines } = await run(flags, seen => of(seen, 'opportunity').length > 0)
  const [found] = of(lines, 'opportunity')
  assert.match(found?.id ?? '', /^opportunity:[0-9a-f]{8}:5$/)
  assert.deepEqual(
    [found?.mint, found?.opportunity?.spread, found?.opportunity?.profit],
    [mints[0], 0.02, 0.01999],
  )
})

test('state: a later run goes on where the first stopped', async t => {
  const exchange = await openExchange(market, makeRng('d'))
  t.after(() => exchange.close())
  const dir = mkdtempSync(join(tmpdir(), 'sluice-state-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  const state = join(dir, 'state')
  const flags = { mints: own.slice(0, 1), base: bases(exchange.url), state }
  const until = (seen: readonly Rec[]): boolean => of(seen, 'market').length > 0
  assert.ok(of((await run(flags, until)).lines, 'candle').length > 0)
  assert.equal(of((await run(flags, until)).lines, 'candle').length, 0)
  writeFileSync(join(state, 'discover.json'), 'nonsense')
  await assert.rejects(run(flags, until), /--state/)
})

test('wrong calls name what is wrong', async () => {
  const wrong: [object, RegExp][] = [
    [{ mints: ['nope'] }, /--mints: "nope" is neither a mint nor a file/],
    [{ mints: own, interval: 120_000 }, /--interval: expected one of 1m, 5m/],
    [{ mints: own, base: ['nobody=http://x'] }, /--base: expected NAME=URL/],
    [{ mints: own, base: ['jupiter=ftp://x'] }, /--base: expected http/],
    [{ providers: ['birdeye'] }, /--providers birdeye needs --birdeye-key FILE/],
  ]
  for (const [flags, message] of wrong)
    await assert.rejects(
      run(flags, () => true),
      message,
    )
})
