import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Account } from '../../../../lib/trade/account/account.ts'
import { capsOf } from '../../../../lib/trade/live/caps.ts'
import type { Placed } from '../../../../lib/trade/venue.ts'

const CAPS = { perTrade: 100n, perDay: 300n, total: 1000n }

/** A book of what was spent and put in, with one buy in flight: the one that is asked for. */
const bookOf = (spent: bigint, cost: bigint, inAmount: bigint): Account =>
  ({
    intents: { open: () => [{ order: { side: 'buy', inAmount: String(inAmount) } }] },
    risk: { spentToday: () => spent },
    book: { totals: () => ({ cost }) },
  }) as unknown as Account

/** By hand: side, amount of the order, what it pays and was spent by the chain, and by the book. */
const TABLE: [
  string,
  'buy' | 'sell',
  bigint,
  bigint,
  bigint,
  bigint,
  bigint,
  RegExp | undefined,
][] = [
  ['within', 'buy', 100n, 100n, 200n, 200n, 900n, undefined],
  ['an order that is too large', 'buy', 101n, 0n, 0n, 0n, 0n, /perTrade/],
  ['a transaction that takes more than its order', 'buy', 100n, 101n, 0n, 0n, 0n, /perTrade/],
  ['a day that is spent by the book', 'buy', 100n, 100n, 0n, 201n, 0n, /perDay/],
  ['a day that is spent by the chain alone', 'buy', 100n, 100n, 201n, 0n, 0n, /perDay.*201 left/],
  ['more at stake than in all', 'buy', 100n, 100n, 0n, 0n, 901n, /total/],
  ['a sale, whatever was spent', 'sell', 5000n, -7n, 5000n, 5000n, 5000n, undefined],
]

for (const [name, side, inAmount, pays, spent, booked, cost, reason] of TABLE)
  test(`caps: ${name}`, () => {
    const permit = capsOf(bookOf(booked, cost, inAmount), CAPS, () => [0])
    const said = permit({ side, inAmount } as Placed, { spent, pays })
    if (reason === undefined) assert.equal(said, undefined)
    else assert.match(said ?? '', reason)
  })
