import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { makeWalletRanking } from '../../../lib/features/families/wallet-ranking.ts'
import { makePlayer, makeRecorder } from '../../../lib/features/kit/state-tape.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { MINUTE, makeStep, market, run, setsOf, T0, toLine, trade } from './lines.ts'
import { lines } from './streams.ts'

/** Buys and sells of a wallet: [token, side, whole tokens, SOL paid or got for all of them]. */
type Deal = readonly [mint: string, side: 'buy' | 'sell', tokens: number, sol: number]
const deals = (wallet: string, list: readonly Deal[], at = T0): Rec[] =>
  list.map(([mint, side, tokens, sol], i) =>
    trade(at + i, { wallet, side, tokens, price: sol / tokens }, mint, i),
  )
/** Three tokens bought for 1 SOL and sold for the given ones. */
const rounds = (...sold: number[]): Deal[] =>
  sold.flatMap((sol, i): Deal[] => [
    [`T${i}`, 'buy', 10, 1],
    [`T${i}`, 'sell', 10, sol],
  ])
const rankedAfter = (recs: readonly Rec[], most: number, among: readonly string[]): string[] => {
  const ranking = makeWalletRanking(most)
  for (const rec of recs) ranking.see(rec)
  ranking.advance(T0 + 10 * MINUTE)
  return among.filter(wallet => ranking.has(wallet))
}

test('the best by realised profit, counted by hand', () => {
  const recs = [
    ...deals('A', rounds(1.1, 1.1, 1.1)), // +0.3
    ...deals('B', rounds(2, 1, 0.5)), // +0.5
    ...deals('C', rounds(0.9, 0.9, 1.1)), // −0.1
    ...deals('D', rounds(9, 9)), // +16, of two tokens only
  ]
  assert.deepEqual(rankedAfter(recs, 1, ['A', 'B', 'C', 'D']), ['B'])
  assert.deepEqual(rankedAfter(recs, 9, ['A', 'B', 'C', 'D']), ['A', 'B'])
})

test('average cost: what was not seen bought, and other quotes, do not count', () => {
  const half: Deal[] = [
    ...rounds(1, 1),
    ['X', 'buy', 10, 1],
    ['X', 'buy', 10, 3],
    ['X', 'sell', 10, 2.1], // cost 2: +0.1
  ]
  // 10 of 100 for 0.99: −0.01
  const gift: Deal[] = [...rounds(1, 1), ['X', 'buy', 10, 1], ['X', 'sell', 100, 9.9]]
  const usd = deals('U', rounds(5, 5, 5)).map(
    rec => ({ ...rec, trade: { ...rec.trade, quoteMint: 'USDC' } }) as Rec,
  )
  const recs = [
    ...deals('A', half),
    ...deals('G', gift),
    ...deals('N', [['X', 'sell', 5, 9]]),
    ...usd,
  ]
  assert.deepEqual(rankedAfter(recs, 9, ['A', 'G', 'N', 'U']), ['A'])
})

test('a profit counts from the next five minutes on, never on its own line', () => {
  const made = deals('A', rounds(2, 2, 2))
  const buy = (at: number): Rec => trade(at, { wallet: 'A', tokens: 1, price: 1 }, 'CAT')
  const look = (at: number): Rec => market(at, { priceSol: 1, liquidityUsd: 1 })
  const net = (recs: Rec[]): (number | undefined)[] =>
    setsOf('tabular', recs, { smartRanking: 5 })
      .filter(set => set !== undefined)
      .map(set => set.values?.smartMoneyNetBuys)
  assert.deepEqual(net([...made, buy(T0 + MINUTE), look(T0 + 2 * MINUTE)]), [0])
  assert.deepEqual(net([...made, buy(T0 + 5 * MINUTE), look(T0 + 6 * MINUTE)]), [1])
})

test('with a ranking the prefix law holds, and a restored state goes on', () => {
  fc.assert(
    fc.property(lines, fc.double({ min: 0, max: 1, noNaN: true }), (recs, where) => {
      const k = Math.floor(where * recs.length)
      const more = { smartRanking: 3 }
      const whole = run(recs, ['tabular', 'whales'], more)
      assert.deepEqual(run(recs.slice(0, k), ['tabular', 'whales'], more), whole.slice(0, k))
      const { step: first } = makeStep(['tabular', 'whales'], more)
      for (const rec of recs.slice(0, k)) first.line(toLine(rec), () => {})
      const { step: second } = makeStep(['tabular', 'whales'], more)
      for (const [key, visit] of first.tokens()) {
        const recorder = makeRecorder()
        visit(recorder)
        const player = makePlayer(JSON.parse(JSON.stringify(recorder.recorded())))
        second.restoring(key)(player)
        assert.ok(player.isAtEnd())
      }
      const out: string[] = []
      for (const rec of recs.slice(k)) second.line(toLine(rec), line => out.push(line.raw))
      assert.deepEqual(out, whole.slice(k))
    }),
    { numRuns: 30, endOnFailure: true },
  )
})

test('memory is bounded: the wallets and holdings not touched for longest go', () => {
  const ranking = makeWalletRanking(10)
  const swap = (wallet: string, mint: string, side: 'buy' | 'sell', sol: number): void =>
    ranking.see(trade(T0, { wallet, side, tokens: 1, price: sol }, mint))
  for (const mint of ['a', 'b', 'c']) {
    swap('OLD', mint, 'buy', 1)
    swap('OLD', mint, 'sell', 2)
  }
  for (let i = 0; i < 100_001; i++) {
    swap(`W${i}`, 'm', 'buy', 1)
    swap(`W${i}`, 'm', 'sell', 1)
  }
  ranking.advance(T0 + 10 * MINUTE)
  assert.equal(ranking.has('OLD'), false)
  const recorder = makeRecorder()
  ranking.visit(recorder)
  assert.equal(recorder.recorded().texts.length, 150_000)
})
