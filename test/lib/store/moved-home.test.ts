import assert from 'node:assert/strict'
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after as atEnd, before as atStart, test } from 'node:test'
import { DuckDBInstance } from '@duckdb/node-api'
import { openDuck } from '../../../lib/store/duck/duck.ts'
import { query } from '../../../lib/store/query/query.ts'
import { databasePath } from '../../../lib/store/tables/sync.ts'
import { makeHome, sh } from '../../kit/proc.ts'

const COUNT = 'select count(*)::int as n, count(distinct journal)::int as journals from features'
const JOINED = 'select count(*)::int as n from training_lines'

/** Rows of a query as any user of DuckDB asks it: the file opened, nothing set. */
async function opened(path: string, sql: string, before: readonly string[] = []) {
  const instance = await DuckDBInstance.create(path, path === ':memory:' ? {} : READ_ONLY)
  const connection = await instance.connect()
  try {
    for (const each of before) await connection.run(each)
    return await (await connection.run(sql)).getRowObjectsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
const READ_ONLY = { access_mode: 'READ_ONLY' }

async function asked(home: string, sql: string, tail = false) {
  const rows: Record<string, unknown>[] = []
  for await (const some of query({ home, sql, tail })) rows.push(...some)
  return rows
}

/** Every file below a folder that holds the text, as bytes. */
const holding = (dir: string, text: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter(name => statSync(join(dir, name)).isFile())
    .filter(name => readFileSync(join(dir, name)).includes(text))

/** A home in which everything that keeps something there has run once; each test takes a copy. */
const FIRST = join(makeHome({ after: atEnd }), 'before-the-move')
atStart(() => live(FIRST))
const lived = (home: string): void =>
  cpSync(FIRST, home, { recursive: true, preserveTimestamps: true })

async function live(home: string): Promise<void> {
  const line =
    'discover --source sim --seed moved --days 0.3 --quiet | features --sets pool --quiet | ' +
    'predict --quiet | journal seen --quiet | sluice sampler --quiet | gate --quiet | ' +
    'journal decided --quiet | execute --ledger home --quiet | journal trades --quiet | ' +
    'label --with features --horizons n10 --quiet | journal seen-labels --quiet > /dev/null'
  const steps = [
    'sluice init',
    `sluice keep --name line -- bash -c '${line}'`,
    'label --with features --horizons n10 --quiet < $SLUICE_HOME/journal/seen/*.ndjson | ' +
      'journal labels --quiet > /dev/null',
    'sluice sync',
    "sluice query 'from training_lines' | train-export --horizons n10 --out $TMPDIR/export",
    'sluice train $TMPDIR/export --kind moon --label willMoon --trees 5 --out moon@1.1',
    'sluice models promote moon@1.1',
    'sluice models learn moon <(cat $SLUICE_HOME/journal/labels/*.ndjson)',
    '{ sluice retrain moon $TMPDIR/export --now || true; }',
    '{ sluice drift || true; }',
  ]
  const env = { SLUICE_JOURNAL_MIN_FREE: '1MB', TMPDIR: dirname(home) }
  for (const step of steps) {
    const done = await sh(step, { home, env, timeoutMs: 120_000 })
    assert.equal(done.code, 0, `${step}: ${done.stderr}`)
  }
}

test('a home that is moved goes on: query, the database from any folder, and sync', async t => {
  const [before, after] = [join(makeHome(t), 'before-the-move'), join(makeHome(t), 'after')]
  lived(before)
  const [features] = await asked(before, COUNT)
  const [lines] = await asked(before, JOINED)
  assert.ok(Number(features?.n) > 0 && Number(lines?.n) > 0)
  assert.deepEqual(await opened(databasePath(before), COUNT), [features])

  renameSync(before, after)
  assert.deepEqual(holding(after, 'before-the-move'), [], 'it holds the path that it had')
  assert.deepEqual(await asked(after, COUNT), [features])
  assert.deepEqual(await asked(after, JOINED, true), [lines])
  const path = databasePath(after)
  assert.deepEqual(await opened(path, COUNT), [features])
  assert.deepEqual(await opened(path, JOINED), [lines])
  const attach = `attach '${path}' as s (read_only)`
  const set = `set variable sluice_home = '${after}'`
  assert.deepEqual(
    await opened(':memory:', COUNT.replace('features', 's.features'), [attach, set]),
    [features],
  )
  const synced = await sh('sluice sync && sluice status > /dev/null && sluice models list', {
    home: after,
  })
  assert.equal(synced.code, 0, synced.stderr)
  assert.match(synced.stdout, new RegExp(`"dir":"${after}/models/moon"`))
  assert.deepEqual(await asked(after, COUNT), [features])
})

test('a view stored with the paths of another place is read where it is now', async t => {
  const home = join(makeHome(t), 'home')
  lived(home)
  const [features] = await asked(home, COUNT)
  const [lines] = await asked(home, JOINED)
  // As the view was stored before: over absolute paths, here of a folder that is gone.
  const gone = `${home}-gone`
  renameSync(home, gone)
  const duck = await openDuck(databasePath(gone))
  const files = await duck.rows(`select '${gone}/bulk/features/' || file as path from bulk_files`)
  const list = files.map(({ path }) => `'${path}'`).join(', ')
  await duck.run(`create or replace view features as select * from read_parquet([${list}])`)
  await duck.run('checkpoint')
  duck.close()
  renameSync(gone, home)
  await assert.rejects(opened(databasePath(home), COUNT), /No files found/)
  assert.deepEqual(await asked(home, COUNT), [features])
  assert.deepEqual(await asked(home, JOINED), [lines])
  assert.deepEqual(await asked(home, COUNT, true), [features])
  const synced = await sh('sluice sync', { home })
  assert.equal(synced.code, 0, synced.stderr)
  assert.deepEqual(await opened(databasePath(home), COUNT), [features])
  rmSync(gone, { recursive: true, force: true })
})
