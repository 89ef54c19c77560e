import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeFacts } from '../../../../lib/sources/live/known-facts.ts'
import { makeDesk } from '../../../../lib/sources/live/merge-findings.ts'
import { makeSolPrice } from '../../../../lib/sources/live/sol-price.ts'
import { makeWatchlist } from '../../../../lib/sources/live/watchlist.ts'
import { keyName } from '../decode/bytes.ts'

const NOW = 1_760_000_000_000
const [MINT, POOL, OTHER] = [keyName(1), keyName(2), keyName(3)]

function open() {
  const rejected: string[] = []
  const watch = makeWatchlist(2)
  const complain = {
    dropped: () => undefined,
    rejected: (reason: string) => void rejected.push(reason),
  }
  const solPrice = makeSolPrice()
  const desk = makeDesk({
    watch,
    facts: makeFacts(10),
    complain,
    solPrice,
    now: () => NOW,
    count: () => undefined,
  })
  return { desk, watch, rejected }
}
const market = (ts: number, pool = POOL, liquidityUsd = 1000) => ({
  mint: MINT,
  pool,
  ts,
  market: { dex: 'pumpswap', priceSol: 1, liquidityUsd },
})

test(
  'a provider’s clock that is a little ahead counts as ours; one far ahead is refused with its ' +
    'name',
  () => {
    const { desk, rejected } = open()
    const lines = [-1000, 60_000, 300_001].flatMap(ahead =>
      desk.take([market(NOW + ahead)], 'birdeye', 1000, true),
    )
    assert.deepEqual(
      lines.map(({ rec }) => rec.ts),
      [NOW - 1000, NOW],
    )
    assert.deepEqual(rejected, ['birdeye: a time 300 s ahead of ours'])
  },
)

test('a token of several providers is one token; lines are about its largest pool', () => {
  const { desk, watch } = open()
  assert.equal(desk.take([market(NOW)], 'geckoterminal', 1000, true).length, 1)
  assert.equal(desk.take([market(NOW, OTHER, 1100)], 'dexscreener', 1000, true).length, 0)
  assert.equal(desk.take([market(NOW, OTHER, 1300)], 'dexscreener', 1000, true).length, 1)
  assert.deepEqual([watch.size(), watch.get(MINT)?.pool], [1, OTHER])
})

test(
  'what does not fit its schema after all is refused with provider and reason, and the rest ' +
    'goes on',
  () => {
    const { desk, rejected } = open()
    const wrong = { ...market(NOW), market: { dex: '__proto__ x', priceSol: -1 } } as never
    assert.equal(desk.take([wrong, market(NOW)], 'jupiter', 1000, true).length, 1)
    assert.match(rejected[0] ?? '', /^jupiter: /)
  },
)
