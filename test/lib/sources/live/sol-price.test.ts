import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeSolPrice, valued } from '../../../../lib/sources/live/sol-price.ts'
import type { Finding } from '../../../../lib/sources/providers/finding.ts'

const AT = 1_760_000_000_000
const WSOL = 'So11111111111111111111111111111111111111112'
const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'
const price = (usd = 200) => {
  const made = makeSolPrice()
  made.told(usd, AT)
  return made
}
/** Half a SOL for 1,000 tokens of 6 decimals. */
const trade = (over: object = {}): Finding => ({
  mint: 'm',
  ts: AT + 1000,
  trade: {
    dex: 'pumpswap',
    quoteMint: WSOL,
    baseDecimals: 6,
    quoteDecimals: 9,
    side: 'buy',
    priceSol: 0.0005,
    baseAmount: '1000000000',
    quoteAmount: '500000000',
    ...over,
  },
})
/** 10,000 tokens against 4 SOL, of which one is virtual. */
const market = (over: object = {}): Finding => ({
  mint: 'm',
  ts: AT,
  realQuote: 3_000_000_000n,
  market: {
    dex: 'pumpswap',
    quoteMint: WSOL,
    baseDecimals: 6,
    quoteDecimals: 9,
    priceSol: 0.0004,
    baseAmount: '10000000000',
    quoteAmount: '4000000000',
    ...over,
  },
})

test('a trade is worth its SOL; in dollar coins it is worth them and has a price in SOL', () => {
  assert.equal(valued(trade(), price()).trade?.volumeUsd, 100)
  const { priceSol: _, ...rest } = trade().trade ?? {}
  const inUsdc = {
    ...trade(),
    trade: { ...rest, quoteMint: USDC, quoteDecimals: 6, quoteAmount: '80000000' },
  } as Finding
  const found = valued(inUsdc, price()).trade
  // 80 USD for 1,000 tokens is 0.08 USD, and that 0.0004 SOL of 200 USD.
  assert.deepEqual([found?.volumeUsd, found?.priceSol], [80, 0.0004])
})

test('a pool has its price and what can really be taken out, in USD', () => {
  const found = valued(market(), price()).market
  assert.deepEqual([found?.priceUsd, found?.liquidityUsd], [0.08, 1200])
  const told = valued(market({ priceUsd: 0.09, liquidityUsd: 5 }), price()).market
  assert.deepEqual([told?.priceUsd, told?.liquidityUsd], [0.09, 5])
})

test('a price that is old, absurd or missing values nothing', () => {
  const late = { ...trade(), ts: AT + 300_001 }
  for (const [found, of] of [
    [late, price()],
    [trade(), price(1e7)],
    [trade(), price(-1)],
    [trade(), makeSolPrice()],
    [trade({ quoteMint: 'Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYC' }), price()],
  ] as const)
    assert.ok(!('volumeUsd' in (valued(found, of).trade ?? {})))
  const unknown = valued(market(), makeSolPrice()).market
  assert.ok(unknown !== undefined && !('priceUsd' in unknown) && !('liquidityUsd' in unknown))
})
