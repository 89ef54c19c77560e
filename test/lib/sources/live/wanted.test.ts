import assert from 'node:assert/strict'
import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { UsageError } from '../../../../lib/base/errors.ts'
import type { Market } from '../../../../lib/records/market.ts'
import { TIERS } from '../../../../lib/sampler/tiers.ts'
import { writeWatches } from '../../../../lib/sampler/watch-list.ts'
import { makeWanted } from '../../../../lib/sources/live/wanted.ts'
import { makeWatchlist } from '../../../../lib/sources/live/watchlist.ts'
import { makeHome } from '../../../kit/proc.ts'
import { keyName } from '../decode/bytes.ts'

const START = 1_763_685_000_000
const HOUR = 3_600_000
const busy: Market = { dex: 'x', buys: { m5: 9 } }

const watchOf = (mint: string, tier: (typeof TIERS)[number], dueTs = START) => ({
  mint,
  tier: tier.name,
  everyMs: tier.everyMs,
  seenTs: START - 1,
  dueTs,
  reasons: [],
})

test('in four hours tokens are looked at by tier: 48, 16, 4 and 1 times', t => {
  const path = join(makeHome(t), 'watch.ndjson')
  const mints = TIERS.map((_, i) => keyName(40 + i))
  writeWatches(
    path,
    TIERS.map((tier, i) => watchOf(mints[i]!, tier)),
  )
  let now = START
  const wanted = makeWanted(path, () => now)
  assert.deepEqual(wanted.mints, mints)
  const list = makeWatchlist(10, wanted)
  const own = keyName(50)
  for (const mint of [...wanted.mints, keyName(51)]) list.add(mint, false, now)
  list.add(own, true, now)
  const looks = new Map<string, number>()
  for (; now < START + 4 * HOUR; now += 10_000) {
    for (const token of list.due(now, 100, each => each.nextAt)) {
      looks.set(token.mint, (looks.get(token.mint) ?? 0) + 1)
      list.saw(token, 'pool', busy, now, 10_000)
    }
  }
  assert.deepEqual(
    mints.map(mint => looks.get(mint)),
    [48, 16, 4, 1],
  )
  assert.equal(looks.get(own), 1440, 'own tokens are always looked at')
  assert.equal(
    looks.get(keyName(51)),
    1440,
    'one that the list does not have is looked at as before',
  )
})

test('a short run looks at what is due only, and a newer list counts from then on', t => {
  const path = join(makeHome(t), 'watch.ndjson')
  const [mint] = [keyName(40)]
  let now = START
  const early = makeWanted(path, () => now)
  assert.equal(early.of(mint), undefined, 'no list yet')
  writeWatches(path, [watchOf(mint, TIERS[2], START + HOUR / 2)])
  assert.deepEqual(
    makeWatchlist(
      10,
      makeWanted(path, () => now),
    ).add(mint, false, now)?.nextAt,
    START + HOUR / 2,
  )
  assert.equal(early.of(mint), undefined, 'it looks again after a second')
  now += 10_000
  assert.equal(early.of(mint)?.everyMs, HOUR)
  writeWatches(path, [watchOf(mint, TIERS[0], START + 1000 * HOUR)])
  utimesSync(path, now / 1000, now / 1000)
  now += 10_000
  assert.deepEqual(
    early.of(mint),
    { everyMs: 300_000, nextAt: now + 300_000 },
    'no turn is further away than its tier',
  )
})

test('what is asked for now is looked at once and first, also where it was not followed', t => {
  const path = join(makeHome(t), 'watch.ndjson')
  const [known, other] = [keyName(40), keyName(41)]
  let now = START
  writeWatches(path, [watchOf(known, TIERS[3], START + 4 * HOUR)])
  const wanted = makeWanted(path, () => now)
  const list = makeWatchlist(10, wanted)
  const token = list.add(known, false, now)!
  list.saw(token, 'pool', busy, now, 10_000)
  const due = () => list.due(now, 100, each => each.nextAt).map(({ mint }) => mint)
  assert.deepEqual(due(), [])
  now += 60_000
  const asked = { asked: 'whale', askedTs: now - 500 } as const
  writeWatches(path, [
    { ...watchOf(known, TIERS[3], START + 4 * HOUR), ...asked },
    { ...watchOf(other, TIERS[3], START + 4 * HOUR), ...asked },
  ])
  utimesSync(path, now / 1000, now / 1000)
  now += 1000
  assert.deepEqual(due().sort(), [known, other].sort())
  assert.equal(list.priority([token], now), 'high')
  for (const mint of due()) list.saw(list.get(mint)!, 'pool', busy, now, 10_000)
  now += 2000
  assert.deepEqual(due(), [], 'once')
  assert.equal(list.priority([token], now), 'low')
})

test('another file is refused', t => {
  const path = join(makeHome(t), 'watch.ndjson')
  writeFileSync(path, '{"mint":5}\n')
  assert.throws(() => makeWanted(path, () => START), UsageError)
})
