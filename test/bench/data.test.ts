import assert from 'node:assert/strict'
import { test } from 'node:test'
import zlib from 'node:zlib'
import * as entries from '../../bench/data/memecoin-entries.ts'
import * as hours from '../../bench/data/pumpfun-hours.ts'
import * as swaps from '../../bench/data/pumpfun-swaps.ts'
import { makePool } from '../../bench/data/replay-pool.ts'
import * as solrpds from '../../bench/data/solrpds.ts'
import { type Convert, median } from '../../bench/data/stream.ts'
import { fits } from '../../lib/records/check.ts'
import { PARTS } from '../../lib/records/parts.ts'
import { encode } from '../../lib/stream/encode.ts'
import { sharedFile } from '../kit/shared.ts'
import { withFiles } from '../lib/sources/scratch.ts'

async function collect(convert: Convert, path: string, words: string[] = []) {
  const notes: string[] = []
  const items: any[] = []
  for await (const item of convert(path, text => notes.push(text), words))
    items.push(JSON.parse(encode(item)))
  return { items, notes }
}

const run = (convert: Convert, text: string, words: string[] = []) =>
  withFiles({ 'data.gz': zlib.gzipSync(text) }, path => collect(convert, path('data.gz'), words))

/** Every part fits its schema, ids are unique, time does not run backwards. */
function checkRecords(records: any[]): void {
  let last = 0
  for (const rec of records) {
    for (const part of Object.keys(PARTS)) {
      const value = part === 'envelope' ? rec : rec[part]
      if (value !== undefined) assert.ok(fits(part, value), `${part}: ${JSON.stringify(value)}`)
    }
    assert.ok(rec.ts >= last, rec.id)
    last = rec.ts
  }
  assert.equal(new Set(records.map(({ id }) => id)).size, records.length)
}

test('x·y = k by hand', () => {
  // 84.99 · 206.9 / 196.9 = 89.3064043; Δ = 4.3164043 SOL for 10 M tokens; / 0.9975 = 4.3272224e-7
  // SOL per token.
  const near = (value: number | undefined, wanted: number): void =>
    assert.ok(Math.abs((value ?? 0) / wanted - 1) < 1e-7)
  const plain = makePool(false)
  near(plain.swap({ side: 'buy', tokens: 1e7, price: 1 })?.implied, 4.3272224e-7)
  near(plain.reserves().base, 196.9e6)
  near(plain.reserves().quote, 89.3064043)
  // Selling them again gives the same SOL less the fee: 4.3164043 · 0.9975 / 10 M.
  near(plain.swap({ side: 'sell', tokens: 1e7, price: 1 })?.implied, 4.3056133e-7)
  near(plain.reserves().quote, 84.99)
  // A price 1.21 times the implied one moves the reserves by √1.21 = 1.1 along the curve.
  const corrected = makePool(true)
  corrected.swap({ side: 'buy', tokens: 1e7, price: 1.21 * 4.3272224e-7 })
  near(corrected.reserves().base, 179e6)
  near(corrected.reserves().quote, 98.2370447)
})

test('a swap that cannot be is refused, a price that cannot be corrects nothing', () => {
  const pool = makePool(true)
  assert.equal(pool.swap({ side: 'buy', tokens: 3e8, price: 1 }), undefined)
  assert.equal(pool.swap({ side: 'buy', tokens: 0, price: 1 }), undefined)
  assert.equal(pool.swap({ side: 'buy', tokens: 1e7, price: 1e-9 })?.isCredible, false)
  assert.ok(Math.abs(pool.reserves().base - 196.9e6) < 1)
})

const swap = (ts: number, side: string, tokens: number, price: number, sig?: string) => ({
  ts,
  side,
  sol: 0.1,
  tokens,
  price,
  src: 'PUMP_AMM',
  progs: [],
  ...(sig === undefined ? {} : { trader: 'Wa11et', sig }),
})

test('pump.fun swaps become trades, and one snapshot per second', async () => {
  const one = {
    mint: 'MintA',
    pool: 'PoolA',
    created: 1000,
    supply: 1e9,
    swaps: [
      swap(1000, 'buy', 1e7, 4.3272224e-7, 's1'),
      swap(1000, 'buy', 2e6, 1e-9, 's2'), // only rent was seen
      swap(1003, 'sell', 1e7, 4.4e-7),
      swap(1003, 'buy', 1e4, 4.3e-7),
    ],
  }
  const empty = { ...one, mint: 'MintB', pool: 'PoolB', swaps: [] }
  const { items, notes } = await run(
    swaps.convert,
    `${JSON.stringify(one)}\n${JSON.stringify(empty)}\n`,
  )
  checkRecords(items)
  assert.deepEqual(
    items.map(({ id }) => id),
    [
      'token:MintA:pumpfun-swaps:1000000',
      'trade:s1:0.0',
      'market:PoolA:pumpfun-swaps:1000000',
      'trade:PoolA-1003000:0.0',
      'trade:PoolA-1003000:0.1',
      'market:PoolA:pumpfun-swaps:1003000',
    ],
  )
  assert.equal(items[1].trade.wallet, 'Wa11et')
  assert.ok(!('wallet' in items[3].trade))
  const { baseAmount, quoteAmount, priceSol } = items[1].trade
  assert.deepEqual(
    [baseAmount, quoteAmount, priceSol],
    ['10000000000000', '4327222400', 4.3272224e-7],
  )
  // After s1 (as by hand above) and 2 M tokens more: 17584.431 / 194.9 = 90.2228373 SOL.
  assert.ok(Math.abs(Number(items[2].market.baseAmount) / 194.9e12 - 1) < 1e-6)
  assert.ok(Math.abs(Number(items[2].market.quoteAmount) / 90.2228373e9 - 1) < 1e-6)
  assert.match(notes[0] ?? '', /4 swaps, 3 with a credible SOL amount/)
})

test('pump.fun hours become candles in dollars, gaps stay gaps', async () => {
  const ohlcv = [
    [3600, 1, 2, 1, 2, 300],
    [14_400, 2, 2, 2, 2, 0],
  ]
  const series = {
    mint: 'MintA',
    pool: 'PoolA',
    created: 3700,
    supply: 1e9,
    detect_mc: null,
    ohlcv,
  }
  const { items } = await run(hours.convert, `\ufeff${JSON.stringify({ MintA: series })}`)
  checkRecords(items)
  const candles = items.filter(({ kind }) => kind === 'candle')
  assert.deepEqual(
    candles.map(({ id, ts }) => [id, ts]),
    [
      ['candle:PoolA:1h:3600000', 7_200_000],
      ['candle:PoolA:1h:14400000', 18_000_000],
    ],
  )
  // 300 USD / ((1 + 2 + 1 + 2) / 4) = 200 tokens.
  assert.equal(candles[0].candle.volume, 200)
  assert.equal(candles[0].candle.currency, 'usd')
  assert.equal(candles[1].candle.filled, undefined)
})

const ENTRIES =
  'position_id,mint_address,ticker,strategy,amount_sol,entry_price_sol,opened_at,closed_at,' +
  'close_reason,age_minutes,' +
  'mcap_usd,volume_usd,txns_buys,txns_sells,txns_total,buy_sell_ratio,liquidity_usd,fdv,' +
  'price_change_5m,price_change_1h,' +
  'dev_holdings_pct,top10_holder_pct,rugcheck_result,profile,vol_mcap_ratio,score_proxy,' +
  'mint_is_pump,realized_pnl_sol,' +
  'adjusted_pnl_sol,win\n' +
  'b,MintB,"A, ' +
  'B",B,0.05,2e-08,2026-08-05T19:45:29.309137+00:00,2026-08-05T19:55:29.924791+00:00,hard_stop,' +
  '60,2000,300,' +
  '9,0,9.0,9,,2000,-50,,,100.0,pass,B,0.15,60,1,-0.045,,0\n' +
  'a,MintA,,B,0.05,0.0,2026-08-05T19:45:00+00:00,2026-08-05T19:46:00+00:00,,1,2000,300,9,1,' +
  '10.0,9,1500,2000,25,25,,99,' +
  'pass,B,0.15,60,0,0.02,,1\n'

test('entries become market lines with what was known, and a label', async () => {
  const { items } = await run(entries.convert, ENTRIES)
  checkRecords(items)
  const [a, tick, b] = items
  assert.equal(tick.kind, 'tick')
  assert.equal(a.mint, 'MintA')
  assert.deepEqual(a.market, {
    dex: 'unknown',
    liquidityUsd: 1500,
    marketCapUsd: 2000,
    priceChange: { m5: 0.25, h1: 0.25 },
  })
  assert.deepEqual(b.token, { symbol: 'A, B', createdAt: b.ts - 3_600_000 })
  assert.deepEqual(b.market, {
    dex: 'pump.fun',
    priceSol: 2e-8,
    marketCapUsd: 2000,
    priceChange: { m5: -0.5 },
  })
  // −0.045 / 0.05 = −0.9 ≤ −0.8: RUG. 0.02 / 0.05 = 0.4: PUMP.
  assert.equal(b.label.outcome, 'RUG')
  assert.ok(Math.abs(b.label.return + 0.9) < 1e-12)
  assert.deepEqual([a.label.outcome, a.label.profitable, a.label.reason], ['PUMP', true, 'unknown'])
  assert.equal(b.label.availableAt, Date.UTC(2026, 7, 5, 19, 55, 29, 924))
})

test('entries as rows leave out what the trader decided by', async () => {
  const { items } = await run(entries.convert, ENTRIES, ['rows'])
  assert.deepEqual(
    items.map(({ id }) => id),
    ['a', 'b'],
  )
  assert.deepEqual(items[1].values, {
    ageMinutes: 60,
    marketCapUsd: 2000,
    volumeUsd: 300,
    buys: 9,
    sells: 0,
    buySellRatio: 9,
    fdvUsd: 2000,
    priceChange5mPercent: -50,
    top10WithPoolPercent: 100,
    volumeToMarketCap: 0.15,
    isPumpMint: 1,
  })
  assert.equal(items[0].label.win, true)
})

test('SolRPDS rows hold no absolute time among their values and no money', async () => {
  const header =
    'LIQUIDITY_POOL_ADDRESS,MINT,TOTAL_ADDED_LIQUIDITY,TOTAL_REMOVED_LIQUIDITY,' +
    'NUM_LIQUIDITY_ADDS,NUM_LIQUIDITY_REMOVES,' +
    'ADD_TO_REMOVE_RATIO,LAST_POOL_ACTIVITY_TIMESTAMP,FIRST_POOL_ACTIVITY_TIMESTAMP,' +
    'LAST_SWAP_TIMESTAMP,LAST_SWAP_TX_ID,' +
    'INACTIVITY_STATUS'
  const times = '2022-12-30 21:30:00.000,2022-12-29 20:00:00.000,,'
  const { items, notes } = await run(
    solrpds.convert,
    [
      header,
      `P,M,100.5,50,2,1,2.01,${times},Inactive`,
      `P,So11111111111111111111111111111111111111112,1,1,1,1,1,${times},Inactive`,
      `P,EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v,1,1,1,1,1,${times},Active`,
      'P,,,,,,,,,,,',
    ].join('\n'),
  )
  const values = {
    addedLiquidity: 100.5,
    removedLiquidity: 50,
    liquidityAdds: 2,
    liquidityRemoves: 1,
    addToRemoveRatio: 2.01,
    poolLifeHours: 25.5,
  }
  assert.deepEqual(items, [
    {
      id: 'solrpds:P:M',
      mint: 'M',
      pool: 'P',
      ts: Date.UTC(2022, 11, 29, 20),
      values,
      label: { rug: true },
    },
  ])
  assert.deepEqual(notes, ['1 rows, 1 rugs; left out: 2 of money, 1 blank'])
})

test('median', () => {
  assert.equal(median([3, 1, 2]), 2)
  assert.equal(median([4, 1, 2, 3]), 2.5)
  assert.ok(Number.isNaN(median([])))
})

const REAL = {
  swaps: sharedFile('data/pumpfun-2026-candles-swaps-labels/floor_capture_sample.jsonl.gz'),
  hours: sharedFile('data/pumpfun-2026-candles-swaps-labels/gt_raw.json.gz'),
  entries: sharedFile('data/solana-memecoin-entries-2026-08/paper_holdout_features.csv.gz'),
  solrpds: sharedFile('data/solrpds/2022.csv.gz'),
}

test('real swaps', { skip: REAL.swaps.skip }, async () => {
  const { items, notes } = await collect(swaps.convert, REAL.swaps.path)
  checkRecords(items)
  // The index of the data counts 5,445 swaps of 14 tokens (one capture is empty here).
  assert.match(notes[0] ?? '', /^5445 swaps/)
  const error = Number(/^([\d.]+) %/.exec(notes[2] ?? '')?.[1])
  assert.ok(error > 0 && error < 10, `${notes.join('; ')}`)
})

test('real hours', { skip: REAL.hours.skip }, async () => {
  const { items, notes } = await collect(hours.convert, REAL.hours.path)
  checkRecords(items)
  assert.match(notes[0] ?? '', /of 203 tokens$/)
})

test('real entries', { skip: REAL.entries.skip }, async () => {
  const { items, notes } = await collect(entries.convert, REAL.entries.path)
  checkRecords(items)
  // README of the data: 2,415 rows, win 51.2 %.
  assert.equal(items.filter(({ kind }) => kind === 'market').length, 2415)
  assert.equal(notes[0], '2415 entries, 1237 wins')
  assert.equal((await collect(entries.convert, REAL.entries.path, ['rows'])).items.length, 2415)
})

test('real SolRPDS', { skip: REAL.solrpds.skip }, async () => {
  const { items, notes } = await collect(solrpds.convert, REAL.solrpds.path)
  // README of the data: 495 Inactive rows of 3,694 and one blank.
  assert.match(notes[0] ?? '', /495 rugs; left out: \d+ of money, 1 blank/)
  assert.equal(items.filter(({ label }) => label.rug).length, 495)
  assert.doesNotMatch(JSON.stringify(items), /2022-/)
})
