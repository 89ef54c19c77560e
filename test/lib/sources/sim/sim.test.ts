import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultsOf } from '../../../../lib/base/flags.ts'
import { swapExactIn } from '../../../../lib/market/constant-product.ts'
import { fits } from '../../../../lib/records/check.ts'
import type { Rec } from '../../../../lib/records/record.ts'
import { simFlags, simOptions } from '../../../../lib/sources/from-sim.ts'
import { makeSimSource } from '../../../../lib/sources/sim/sim-source.ts'
import { simulate } from '../../../../lib/sources/sim/world.ts'
import { OPTIONS } from './study.ts'

const raws = (options = OPTIONS): string[] => [...simulate(options)].flat().map(line => line.raw)
const HALF_DAY = { ...OPTIONS, days: 0.5, tokensPerHour: 6 }
const recs = [...simulate(HALF_DAY)].flat().map(line => line.rec)

test('the same seed gives the same bytes, another seed others', () => {
  const options = { ...OPTIONS, days: 0.1, tokensPerHour: 10 }
  const first = raws(options)
  assert.ok(first.length > 1000)
  assert.deepEqual(raws(options), first)
  assert.notDeepEqual(raws({ ...options, seed: '2' }), first)
})

test('a shorter run is a prefix of a longer one', () => {
  const longer = raws({ ...OPTIONS, days: 0.15, tokensPerHour: 10 })
  for (const days of [0.02, 0.07, 0.11]) {
    const shorter = raws({ ...OPTIONS, days, tokensPerHour: 10 })
    assert.deepEqual(shorter, longer.slice(0, shorter.length), `${days} days`)
  }
})

test('lines come in order of event time, seen after they happened, under ids of their own', () => {
  const ids = new Set<string>()
  let [ts, seenAt] = [0, 0]
  for (const rec of recs) {
    assert.ok(rec.ts >= ts, rec.id)
    ts = rec.ts
    assert.ok(!ids.has(rec.id), rec.id)
    ids.add(rec.id)
    if (rec.seenAt === undefined) continue
    assert.ok(rec.seenAt >= seenAt && rec.seenAt > rec.ts, rec.id)
    seenAt = rec.seenAt
  }
})

test('every record has the shape of its kind and the id that records of its kind have', () => {
  const ID = {
    tick: /^tick:\d+$/,
    token: /^token:[1-9A-HJ-NP-Za-km-z]{43}:sim:\d+$/,
    trade: /^trade:[1-9A-HJ-NP-Za-km-z]{87}:\d\.\d$/,
    market: /^market:[1-9A-HJ-NP-Za-km-z]{43}:\d+$/,
    candle: /^candle:[1-9A-HJ-NP-Za-km-z]{43}:5m:\d+$/,
  } as Readonly<Record<string, RegExp>>
  const kinds = new Set<string>()
  for (const rec of recs) {
    kinds.add(rec.kind)
    assert.ok(fits('envelope', rec), rec.id)
    assert.match(rec.id, ID[rec.kind]!, rec.kind)
    if (rec.kind !== 'tick')
      assert.ok(fits(rec.kind, rec[rec.kind as 'token']), JSON.stringify(rec))
  }
  assert.deepEqual([...kinds].sort(), ['candle', 'market', 'tick', 'token', 'trade'])
})

test('ticks come every ten seconds of event time, before anything else of that time', () => {
  const ticks = recs.filter(rec => rec.kind === 'tick')
  ticks.forEach((tick, i) => {
    assert.equal(tick.ts, OPTIONS.startAt + 10_000 * i)
  })
  assert.equal(ticks.length, 0.5 * 8640)
  for (const [i, rec] of recs.entries())
    if (rec.kind === 'tick') assert.ok(i === 0 || recs[i - 1]!.ts < rec.ts)
})

test('reserves after a trade are those of swapExactIn, and x·y never falls', () => {
  const pools = new Map<string, { base: bigint; quote: bigint }>()
  let checked = 0
  for (const { trade, market, pool, id } of recs) {
    if (market !== undefined)
      pools.set(pool!, { base: BigInt(market.baseAmount!), quote: BigInt(market.quoteAmount!) })
    if (trade === undefined) continue
    const after = {
      base: BigInt(trade.baseReserveAmount!),
      quote: BigInt(trade.quoteReserveAmount!),
    }
    const before = pools.get(pool!)
    pools.set(pool!, after)
    if (before === undefined) continue
    const [base, quote] = [BigInt(trade.baseAmount), BigInt(trade.quoteAmount)]
    const isBuy = trade.side === 'buy'
    const [reserveIn, reserveOut, paid, got] = isBuy
      ? [before.quote, before.base, quote, base]
      : [before.base, before.quote, base, quote]
    // A withdrawal of liquidity between two lines leaves less on both sides; it is seen at the next
    // market line.
    if (isBuy ? after.base !== before.base - base : after.quote !== before.quote - quote) continue
    checked++
    const feeBps = trade.dex === 'pumpfun' ? 100 : 25
    const { out, fee } = swapExactIn(reserveIn, reserveOut, paid, feeBps)
    assert.equal(got, out, id)
    const owed = (
      isBuy ? before.quote + quote - after.quote : before.base + base - after.base
    ) as bigint
    // The curve's fee is owed to others in full, PumpSwap keeps 80 % of it in the reserves, Raydium
    // CPMM 84 %.
    const kept = { pumpfun: 0n, pumpswap: 80n, 'raydium-cpmm': 84n }[trade.dex]!
    assert.equal(owed, fee - (fee * kept) / 100n, id)
    assert.ok(after.base * after.quote >= before.base * before.quote, id)
  }
  const trades = recs.filter(rec => rec.trade !== undefined).length
  assert.ok(checked > 0.97 * trades, `${checked} of ${trades}`)
})

test('windows of the market part are the sums of the trades in them', () => {
  const trades = new Map<string, Rec[]>()
  let checked = 0
  for (const rec of recs) {
    const seen = trades.get(rec.pool ?? '') ?? []
    if (rec.trade !== undefined) trades.set(rec.pool!, [...seen.slice(-400), rec])
    if (rec.market === undefined || rec.ts % 7 !== 0) continue
    const inside = seen.filter(({ ts }) => ts > rec.ts - 300_000)
    if (inside.length === 401) continue
    const volume = inside.reduce((sum, { trade }) => sum + trade!.volumeUsd!, 0)
    assert.ok(Math.abs(volume - rec.market.volumeUsd!.m5!) < 1e-6 * (1 + volume), rec.id)
    assert.equal(rec.market.buys!.m5, inside.filter(({ trade }) => trade!.side === 'buy').length)
    assert.equal(rec.market.sells!.m5, inside.filter(({ trade }) => trade!.side === 'sell').length)
    const before = seen.findLast(({ ts }) => ts <= rec.ts - 300_000)
    if (before !== undefined && rec.market.priceChange !== undefined) {
      const { baseReserveAmount, quoteReserveAmount } = before.trade!
      const was = Number(quoteReserveAmount) / Number(baseReserveAmount)
      const is = Number(rec.market.quoteAmount) / Number(rec.market.baseAmount)
      assert.ok(Math.abs(rec.market.priceChange.m5! - (is / was - 1)) < 1e-3 * (is / was), rec.id)
    }
    checked++
  }
  assert.ok(checked > 100, String(checked))
})

test('dollars, liquidity and market cap agree with reserves and SOL', () => {
  for (const { market, id } of recs) {
    if (market === undefined) continue
    const solUsd = market.priceUsd! / market.priceSol!
    assert.ok(solUsd > 100 && solUsd < 220, id)
    const price = Number(market.quoteAmount) / 1e9 / (Number(market.baseAmount) / 1e6)
    assert.ok(Math.abs(price / market.priceSol! - 1) < 1e-8, id)
    assert.ok(
      Math.abs((2 * Number(market.quoteAmount) * solUsd) / 1e9 - market.liquidityUsd!) <
        0.01 + 1e-6 * market.liquidityUsd!,
      id,
    )
    assert.ok(
      Math.abs(market.priceUsd! * 1e9 - market.marketCapUsd!) < 0.01 + 1e-6 * market.marketCapUsd!,
      id,
    )
  }
})

test('candles are the trades of their five minutes', () => {
  const open = new Map<string, Rec[]>()
  const last = new Map<string, number>()
  let checked = 0
  for (const rec of recs) {
    if (rec.trade !== undefined) open.set(rec.pool!, [...(open.get(rec.pool!) ?? []), rec])
    if (rec.candle === undefined) continue
    const { candle, pool } = rec
    const trades = (open.get(pool!) ?? []).filter(({ ts }) => ts >= candle.openAt)
    open.delete(pool!)
    assert.equal(rec.ts, candle.openAt + 300_000)
    assert.equal(candle.trades, trades.length, rec.id)
    assert.equal(candle.filled, trades.length === 0)
    const prices = trades.map(
      ({ trade }) => Number(trade!.quoteReserveAmount) / Number(trade!.baseReserveAmount) / 1000,
    )
    if (prices.length > 0) {
      assert.ok(Math.abs(candle.high / Math.max(...prices) - 1) < 1e-9, rec.id)
      assert.ok(Math.abs(candle.low / Math.min(...prices) - 1) < 1e-9, rec.id)
      assert.ok(Math.abs(candle.close / prices.at(-1)! - 1) < 1e-9, rec.id)
      checked++
    } else if (last.has(pool!)) assert.equal(candle.close, last.get(pool!), rec.id)
    last.set(pool!, candle.close)
  }
  assert.ok(checked > 100)
})

test('the source stops when its reader goes, and its options come from its flags', async () => {
  const options = simOptions(defaultsOf(simFlags))
  assert.deepEqual(options, OPTIONS)
  const stop = new AbortController()
  let batches = 0
  for await (const batch of makeSimSource(options).lines(stop.signal)) {
    assert.ok(batch.length > 0)
    if (++batches === 3) stop.abort()
  }
  assert.equal(batches, 3)
})
