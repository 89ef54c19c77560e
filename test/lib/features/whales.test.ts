import assert from 'node:assert/strict'
import test from 'node:test'
import type { Rec } from '../../../lib/records/record.ts'
import { HOUR, MINUTE, market, setsOf, T0, trade } from './lines.ts'

const whale = (at: number, side: 'buy' | 'sell' = 'buy'): Rec =>
  trade(at, { price: 10, tokens: 1, side })
const fry = (at: number): Rec => trade(at, { price: 0.5, tokens: 1 })
const values = (recs: Rec[], every = 0) => setsOf('whales', recs, { every }).map(set => set?.values)

test('10 SOL is a whale, 9.9 is not; counts of the hour; minutes since', () => {
  const recs = [
    fry(T0),
    whale(T0 + MINUTE),
    trade(T0 + 2 * MINUTE, { price: 9.9 }),
    whale(T0 + 3 * MINUTE, 'sell'),
  ]
  const seen = values([
    ...recs,
    market(T0 + 13 * MINUTE, { priceSol: 1 }),
    market(T0 + 2 * HOUR, { priceSol: 1 }),
  ])
  assert.deepEqual(seen, [
    { isWhale: 0, whaleBuys1h: 0, whaleSells1h: 0 },
    { isWhale: 1, whaleBuys1h: 1, whaleSells1h: 0, minutesSinceWhale: 0 },
    { isWhale: 0, whaleBuys1h: 1, whaleSells1h: 0, minutesSinceWhale: 1 },
    { isWhale: 1, whaleBuys1h: 1, whaleSells1h: 1, minutesSinceWhale: 0 },
    { whaleBuys1h: 1, whaleSells1h: 1, minutesSinceWhale: 10 },
    { whaleBuys1h: 0, whaleSells1h: 0, minutesSinceWhale: 117 },
  ])
})

test('large against the pool: by the reserve before the trade, else by reported liquidity', () => {
  const part = (after: string, side: 'buy' | 'sell'): Rec => {
    const rec = trade(T0, { price: 1, tokens: 1, side })
    return { ...rec, trade: { ...rec.trade, quoteReserveAmount: after } as Rec['trade'] } as Rec
  }
  // 1 SOL into a pool that holds 20 SOL after it: 1/19 of what it held; out of one that holds 20:
  // 1/21.
  assert.deepEqual(values([part('20000000000', 'buy')])[0], {
    isWhale: 1,
    tradeShare: 1 / 19,
    whaleBuys1h: 1,
    whaleSells1h: 0,
    minutesSinceWhale: 0,
  })
  assert.deepEqual(values([part('20000000000', 'sell')])[0], {
    isWhale: 0,
    tradeShare: 1 / 21,
    whaleBuys1h: 0,
    whaleSells1h: 0,
  })
  const reported = [
    market(T0, { priceSol: 1, liquidityUsd: 1000 }),
    trade(T0 + 1, { price: 1, usd: 60 }),
  ]
  assert.equal(values(reported)[1]?.tradeShare, 0.06)
  assert.equal(values(reported)[1]?.isWhale, 1)
})

test('between two lines with the set only a whale speaks; before any trade it is not ready', () => {
  const recs = [fry(T0), fry(T0 + 10), whale(T0 + 20), fry(T0 + 30), fry(T0 + 2000)]
  assert.deepEqual(
    values(recs, 1000).map(each => each?.isWhale),
    [0, undefined, 1, undefined, 0],
  )
  assert.equal(setsOf('whales', [market(T0, { priceSol: 1 })])[0]?.reason, 'needs a trade')
})
