import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeRng } from '../../../lib/base/rng.ts'
import { makeJournal } from '../../../lib/store/journal/journal.ts'
import { query } from '../../../lib/store/query/query.ts'
import { databasePath } from '../../../lib/store/tables/sync.ts'
import { DAY, feed, freshHome, market, START } from './lines.ts'
import { ended, runs, sleep, start } from './program.ts'

const COUNTS = `SELECT (SELECT count(*) FROM markets) AS markets,
  (SELECT count(DISTINCT id) FROM markets) AS ids,
  (SELECT count(*) FROM features) AS features,
  (SELECT count(DISTINCT id) FROM features) AS feature_ids,
  (SELECT coalesce(sum(lines), 0) FROM offsets) AS lines`

async function counts(home: string): Promise<Record<string, number>> {
  const rows: Record<string, unknown>[] = []
  for await (const some of query({ home, sql: COUNTS })) rows.push(...some)
  return rows[0] as Record<string, number>
}

const line = (n: number) =>
  market(n, START + (n * DAY) / 100, {
    features: { pool: { hash: 'h', ready: true, values: { n } } },
  })

test('kill -9 of sync while lines come and others read: each line is loaded once', {
  timeout: 3_600_000,
}, async t => {
  let kills = 0
  let early = 0
  for (let seed = 1; seed <= runs(4); seed++) {
    const rng = makeRng(`crash-sync-${seed}`)
    const home = freshHome()
    const journal = makeJournal({ home, name: 'events', fsync: 1000, minFree: 0, recall: 0 })
    let total = 0
    const write = (): void => {
      const more = 1 + rng.below(200)
      feed(
        journal,
        Array.from({ length: more }, (_, i) => line(total + i)),
      )
      total += more
    }
    for (let life = 0; life < 4; life++) {
      write()
      const child = start(home, ['sync', '--piece', '10KB'])
      const done = ended(child)
      await sleep(rng.below(1200))
      write()
      child.kill('SIGKILL')
      const { code } = await done
      if (code === null) kills++
      if (!existsSync(databasePath(home))) continue
      const { markets, ids, features, feature_ids, lines } = await counts(home)
      assert.deepEqual(
        [ids, features, feature_ids, lines],
        [markets, markets, markets, markets],
        `seed ${seed}`,
      )
      if ((markets ?? 0) < total) early++
    }
    const { code, stderr } = await ended(start(home, ['sync']))
    assert.equal(code, 0, stderr)
    const all = { markets: total, ids: total, features: total, feature_ids: total, lines: total }
    assert.deepEqual(await counts(home), all, `seed ${seed}`)
    assert.deepEqual(
      readdirSync(home).filter(file => /next|\.sync\./.test(file)),
      [],
    )
    assert.ok(readdirSync(join(home, 'bulk', 'features')).every(file => file.endsWith('.parquet')))
    journal.close?.()
  }
  t.diagnostic(`${kills} kills; ${early} times readers saw a complete earlier state`)
})
