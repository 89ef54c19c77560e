import fc from 'fast-check'
import type { Rec } from '../../../lib/records/record.ts'
import { candle, MINUTE, market, SECOND, T0, tick, token, trade } from './lines.ts'

export const MINTS = ['CAT', 'DOG', '__proto__', 'constructor']

/** Prices and amounts as pools have them, and as no pool should. */
const price = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: 1e-9, max: 1e-3, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1e-300, 5e-324, 1e300, Number.MAX_VALUE) },
)
const amount = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt({ min: 1n, max: 10n ** 18n }).map(String) },
  { weight: 1, arbitrary: fc.constantFrom('0', '9'.repeat(38)) },
)
/** Steps of time: mostly forwards, sometimes none, back, or into another century. */
const gap = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 4 * SECOND }) },
  { weight: 2, arbitrary: fc.integer({ min: -2 * MINUTE, max: 40 * MINUTE }) },
  { weight: 1, arbitrary: fc.constantFrom(-1e11, 1e11, 26 * 3_600_000, 8e12) },
)
const event = fc.record({
  mint: fc.constantFrom(...MINTS),
  kind: fc.constantFrom(
    'market',
    'market',
    'market',
    'trade',
    'token',
    'candle',
    'candle',
    'opportunity',
    'tick',
  ),
  gap,
  price,
  amount,
  volume: fc.double({ min: 0, max: 1e6, noNaN: true }),
  pool: fc.constantFrom('a', 'a', 'a', 'b'),
})
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never

/** Lines of several tokens, hostile ones among them. Ids are unique; time may run backwards. */
export const lines: fc.Arbitrary<Rec[]> = fc
  .array(event, { minLength: 1, maxLength: 250, size: 'max' })
  .map(events => {
    let at = T0
    return events.map((e, i) => {
      const next = at + e.gap
      if (next > 0 && next < 9e12) at = next
      return { ...toRec(e, at, i), id: `${e.kind}:${i}` }
    })
  })

function toRec(e: Event, ts: number, n: number): Rec {
  const pool = `${e.mint}-${e.pool}`
  if (e.kind === 'tick') return tick(ts)
  if (e.kind === 'trade')
    return trade(
      ts,
      { price: e.price, usd: e.volume, side: n % 3 ? 'buy' : 'sell', wallet: 'A' },
      e.mint,
    )
  if (e.kind === 'token') return token(ts, { holderCount: n, name: 'gem', createdAt: T0 }, e.mint)
  if (e.kind === 'candle') {
    const bar = {
      open: e.price,
      high: e.price,
      low: e.price,
      close: e.price,
      volume: e.volume,
      trades: n % 2,
    }
    return {
      ...candle(0, bar, e.mint),
      ts,
      pool,
      candle: { intervalMs: MINUTE, openAt: ts - MINUTE, ...bar },
    }
  }
  if (e.kind === 'opportunity') {
    const leg = { dex: 'd', inMint: 'S', outMint: 'T', inAmount: e.amount, outAmount: e.amount }
    const opportunity = {
      path: [leg],
      inAmount: e.amount,
      outAmount: e.amount,
      feeLamports: e.amount,
      depthUsd: e.volume,
    }
    return { v: 1, id: '', ts, kind: 'opportunity', mint: e.mint, source: 'test', opportunity }
  }
  const { price: priceSol, amount: quoteAmount, volume: liquidityUsd } = e
  const part = {
    priceSol,
    quoteAmount,
    baseAmount: '1000',
    liquidityUsd,
    openAt: T0,
    volumeUsd: { h1: e.volume, h24: e.volume },
  }
  return { ...market(ts, part, e.mint), pool }
}
