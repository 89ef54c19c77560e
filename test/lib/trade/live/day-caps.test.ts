import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeAccount } from '../../../../lib/trade/account/account.ts'
import { makeRisk } from '../../../../lib/trade/account/loss-limits.ts'
import { daysOf } from '../../../../lib/trade/buying.ts'
import { capsOf } from '../../../../lib/trade/live/caps.ts'

const DAY = 86_400_000
const T = Date.UTC(2026, 10, 20, 12)

test('a day that comes again has spent what it had spent', () => {
  const risk = makeRisk(10n)
  risk.spend(T, 5n)
  risk.close(T, -3n)
  risk.spend(T + DAY, 2n)
  assert.equal(risk.spentToday(T + DAY), 2n)
  assert.equal(risk.spentToday(T), 5n)
  assert.equal(risk.earnedToday(T), -3n)
  // Clocks that do not agree on the day: the stricter one counts.
  assert.equal(risk.spentToday(T + DAY, T), 5n)
  assert.equal(risk.earnedToday(T + DAY, T), -3n)
})

test('neither a clock nor lines alone open the caps of a day again', () => {
  const account = makeAccount(10n ** 10n, () => 0n)
  account.risk.spend(T, 1001n)
  const order = { side: 'buy', inAmount: 200n } as never
  const caps = { perTrade: 1000n, perDay: 1000n, total: 10n ** 12n }
  const money = { spent: 0n, pays: 0n }
  const permitAt = (now: number, lineTs: number | undefined): string | undefined =>
    capsOf(account, caps, () => daysOf(account, now, { lineTs: () => lineTs }))(order, money)
  assert.match(permitAt(T, T) ?? '', /perDay/)
  assert.match(permitAt(T + DAY, T) ?? '', /perDay/)
  assert.match(permitAt(T, T + DAY) ?? '', /perDay/)
  assert.equal(permitAt(T + DAY, T + DAY), undefined)
})
