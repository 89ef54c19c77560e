import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Wanted } from '../../../../lib/sources/live/wanted.ts'
import { makeWatchlist } from '../../../../lib/sources/live/watchlist.ts'

const AT = 1_760_000_000_000
const [MINUTE, HOUR] = [60_000, 3_600_000]
const quiet = { dex: 'pumpswap', buys: { m5: 0 }, sells: { m5: 0 } }
const busy = { dex: 'pumpswap', buys: { m5: 3 } }

test(
  'no more tokens than allowed: the one quiet longest gives way, own ones never, a busy one ' +
    'neither',
  () => {
    const watch = makeWatchlist(3)
    watch.add('own', true, AT)
    const old = watch.add('old', false, AT)
    watch.add('young', false, AT + 5 * MINUTE)
    assert.equal(watch.add('new', false, AT + 9 * MINUTE), undefined)
    assert.ok(watch.add('new', false, AT + 11 * MINUTE))
    assert.deepEqual([watch.get('old'), watch.size(), watch.evicted()], [undefined, 3, 1])
    assert.ok(old !== undefined && watch.get('own') !== undefined)
    // A day without a trade, and even an unfilled list lets go.
    watch.due(AT + 25 * HOUR, 10, token => token.nextAt)
    assert.deepEqual([[...watch.all()].map(({ mint }) => mint), watch.evicted()], [['own'], 3])
  },
)

test('a token is looked at less often and less urgently the longer it is quiet', () => {
  const watch = makeWatchlist(10)
  const token = watch.add('a', false, AT)
  assert.ok(token !== undefined)
  const waits = [1 * MINUTE, 20 * MINUTE, 2 * HOUR].map(later => {
    watch.saw(token, 'pool', quiet, AT + later, 1000)
    return [token.nextAt - AT - later, watch.priority([token], AT + later)]
  })
  assert.deepEqual(waits, [
    [1000, 'high'],
    [4000, 'normal'],
    [20_000, 'low'],
  ])
  watch.saw(token, 'pool', busy, AT + 3 * HOUR, 1000)
  assert.deepEqual(
    [token.nextAt - AT - 3 * HOUR, watch.priority([token], AT + 3 * HOUR)],
    [1000, 'high'],
  )
})

test('the sampler’s list says how often and how urgently, own tokens are always urgent', () => {
  const every: Record<string, number> = {
    large: 5 * MINUTE,
    medium: 15 * MINUTE,
    tiny: 4 * HOUR,
    own: 4 * HOUR,
  }
  const wanted: Wanted = {
    mints: [],
    asked: () => new Map(),
    of: mint => ({ everyMs: every[mint] ?? 0, nextAt: AT }),
  }
  const watch = makeWatchlist(10, wanted)
  const [large, medium, tiny] = ['large', 'medium', 'tiny'].map(mint => watch.add(mint, false, AT))
  const own = watch.add('own', true, AT)
  assert.ok(large && medium && tiny && own)
  assert.deepEqual(
    [[large], [medium], [tiny], [own], [tiny, medium], []].map(tokens =>
      watch.priority(tokens, AT),
    ),
    ['high', 'normal', 'low', 'high', 'normal', 'low'],
  )
})
