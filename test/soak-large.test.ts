import assert from 'node:assert/strict'
import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { listDays } from '../lib/store/journal/days.ts'
import { makeJournal } from '../lib/store/journal/journal.ts'
import { checkJournals } from '../lib/store/journal/journal-check.ts'
import { makeJournalSource } from '../lib/store/journal/journal-source.ts'
import { sync } from '../lib/store/tables/sync.ts'
import type { Line } from '../lib/stream/line.ts'
import { makeHome, sh, sluice } from './kit/proc.ts'
import { DAY, feed, freshHome, market, START } from './lib/store/lines.ts'

/** SLUICE_SOAK_LARGE=1 makes it 2 GB, 100,000 tokens and a month; by default it is over soon. */
const isLarge = process.env.SLUICE_SOAK_LARGE === '1'
const BYTES = isLarge ? 2 * 2 ** 30 : 2 ** 20
const TOKENS = isLarge ? 100_000 : 1000
const [DAYS, RETAIN] = isLarge ? [40, 30] : [5, 3]
/** Far below what is read, where that is large. */
const HEAP_MB = 512
const NEVER = new AbortController().signal

const openJournal = (home: string) =>
  makeJournal({ home, name: 'events', fsync: 1000, minFree: 0, recall: 1 << 20 })
const quiet = { write: async () => undefined }

async function linesOf(home: string): Promise<number> {
  let count = 0
  const source = makeJournalSource({ home, name: 'events', follow: false })
  for await (const lines of source.lines(NEVER)) count += lines.length
  return count
}

test(`a journal of ${BYTES / 2 ** 20} MB is written, read, checked and gone on with`, async () => {
  const home = freshHome()
  const path = join(home, 'journal', 'events', '2026-11-20.ndjson')
  try {
    const journal = openJournal(home)
    let written = 0
    const batch = (): Line[] =>
      Array.from({ length: 1000 }, () => market(written++, START + (written % 3_000_000)))
    do feed(journal, batch())
    while (written * 250 < BYTES)
    journal.close?.()
    assert.ok(statSync(path).size > BYTES * 0.8, `${statSync(path).size} bytes`)
    assert.equal(await linesOf(home), written)
    await checkJournals(home, [], quiet)
    const again = openJournal(home)
    feed(again, [market(written, START + 3_100_000), market(written - 1, START)])
    again.close?.()
    const { lines, conflicts } = await sync({ home })
    assert.deepEqual([lines, conflicts], [written + 1, undefined])
  } finally {
    rmSync(home, { recursive: true })
  }
})

test(`${TOKENS} tokens go through every step within ${HEAP_MB} MB`, async t => {
  const mints = Array.from({ length: TOKENS }, (_, i) => `M${i}`)
  const lines = [0, 1].flatMap(round =>
    mints.map((mint, i) => {
      const ts = START + round * 60_000 + Math.floor((i * 30_000) / TOKENS)
      return market(round * TOKENS + i, ts, { mint, pool: `P${i}` }).raw
    }),
  )
  const home = makeHome(t)
  const done = await sh('features | strategy | gate | tee "$SLUICE_HOME/out" | execute', {
    home,
    input: `${lines.join('\n')}\n`,
    env: { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` },
    timeoutMs: 900_000,
  })
  assert.equal(done.code, 0, done.stderr.slice(-500))
  const passed = readFileSync(join(home, 'out'), 'utf8').split('\n')
  assert.equal(passed.filter(raw => raw.includes('"kind":"market"')).length, lines.length)
})

test(`${DAYS} days of which ${RETAIN} are kept: archives hold all, others are gone`, async () => {
  const home = freshHome()
  const PER_DAY = 20
  try {
    for (let day = 0; day < DAYS; day++) {
      const journal = openJournal(home)
      const at = (i: number): number => START + day * DAY + i * 1000
      feed(
        journal,
        Array.from({ length: PER_DAY }, (_, i) => market(day * PER_DAY + i, at(i))),
      )
      journal.close?.()
      assert.equal((await sync({ home, retain: RETAIN })).lines, PER_DAY)
    }
    const days = listDays(join(home, 'journal', 'events'))
    assert.equal(days.length, RETAIN + 1)
    assert.equal(days.filter(({ isArchive }) => !isArchive).length, 3)
    assert.equal(await linesOf(home), (RETAIN + 1) * PER_DAY)
    await checkJournals(home, [], quiet)
    const asked = await sluice(['query', 'select count(*)::int n from markets'], { home })
    assert.equal(asked.stdout, `{"n":${DAYS * PER_DAY}}\n`, asked.stderr)
  } finally {
    rmSync(home, { recursive: true })
  }
})
