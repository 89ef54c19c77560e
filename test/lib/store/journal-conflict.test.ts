import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeJournal } from '../../../lib/store/journal/journal.ts'
import type { Line } from '../../../lib/stream/line.ts'
import { feed, freshHome, market, START, stored } from './lines.ts'

/** A journal in a home, and what it said and kept. */
function open(home: string) {
  const counts: Record<string, number> = {}
  const warned: string[] = []
  const kept: { reason: string; raw: string }[] = []
  const journal = makeJournal({
    home,
    name: 'events',
    fsync: 1000,
    minFree: 0,
    recall: 1 << 20,
    count: (what, by = 1) => void (counts[what] = (counts[what] ?? 0) + by),
    warn: text => void warned.push(text),
    reject: entry => void kept.push(JSON.parse(entry)),
  })
  return { journal, counts, warned, kept }
}
const written = (home: string): string[] =>
  stored(readFileSync(join(home, 'journal', 'events', '2026-11-20.ndjson'), 'utf8'))
const price = (n: number, priceSol: unknown, more: object = {}): Line =>
  market(n, START, { market: { ...market(n, START).rec.market!, priceSol } as never, ...more })

for (const apart of [true, false])
  test(`the same id with other facts, ${apart ? 'after a restart' : 'in one run'}`, () => {
    const home = freshHome()
    const first = [price(0, 1), price(1, 1), price(2, 1)]
    const again = [
      price(0, 1, { source: 'other', seenAt: START + 7 }),
      price(1, 2),
      price(2, 1, { score: { llm: { value: 0.5, at: START } } }),
      price(3, 1),
      price(3, 9),
    ]
    let it = open(home)
    feed(it.journal, first)
    if (apart) {
      it.journal.close?.()
      it = open(home)
    }
    const out = feed(it.journal, again)
    it.journal.close?.()
    assert.deepEqual(
      out,
      again.map(line => line.raw),
      'all pass',
    )
    assert.deepEqual(
      written(home),
      [...first, price(3, 1)].map(line => line.raw),
    )
    assert.equal(it.counts.conflict, 2)
    assert.deepEqual(
      it.kept.map(({ raw }) => raw),
      [again[1]!.raw, again[4]!.raw],
    )
    assert.match(it.warned.join(), /conflict: "market:pool1:1" is known with other facts/)
  })

test('a line that does not fit its schema takes no id from the good one', () => {
  const home = freshHome()
  const [bad, good] = [price(0, 'dear'), price(0, 1)]
  const one = open(home)
  feed(one.journal, [bad])
  one.journal.close?.()
  const two = open(home)
  feed(two.journal, [good, good])
  two.journal.close?.()
  assert.deepEqual(written(home), [bad.raw, good.raw])
  assert.deepEqual([two.counts['after-misfit'], two.counts.repeated], [1, 1])
  assert.equal(two.counts.conflict, undefined)
})
