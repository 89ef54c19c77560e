import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { DataError, UsageError } from '../../../lib/base/errors.ts'
import { openDuck } from '../../../lib/store/duck/duck.ts'
import { makeJournal } from '../../../lib/store/journal/journal.ts'
import { query } from '../../../lib/store/query/query.ts'
import { databasePath, sync } from '../../../lib/store/tables/sync.ts'
import { makeHome, sh, sluice } from '../../kit/proc.ts'
import { feed, freshHome, market, START } from './lines.ts'

let home = ''
/** A folder below the one for temporary files, as a user’s own data may lie in. */
let place = ''
before(async () => {
  home = freshHome()
  const journal = makeJournal({ home, name: 'events', fsync: 1000, minFree: 0, recall: 1024 })
  feed(journal, [market(0, START), market(1, START)])
  journal.close?.()
  await sync({ home })
  place = freshHome()
  writeFileSync(join(place, 'x.csv'), 'a,b\n1,2\n')
  writeFileSync(join(place, 'y.csv'), 'a,b\n3,4\n')
  writeFileSync(join(place, 'z.ndjson'), '{"a":5}\n')
  writeFileSync(join(place, 'secret.txt'), 'secret,1\n')
  writeFileSync(join(place, '.hidden.csv'), 'secret,1\n')
  mkdirSync(join(home, 'keys'))
  mkdirSync(join(home, 'ledger'))
  writeFileSync(join(home, 'keys', 'wallet.csv'), 'secret\n')
  writeFileSync(join(home, 'ledger', 'live.ndjson'), '{"signed":"secret"}\n')
  writeFileSync(join(home, 'config.json'), '{"live":{"rpc":"https://secret"}}')
})
after(() => {
  rmSync(home, { recursive: true })
  rmSync(place, { recursive: true })
})

async function ask(sql: string, more: Partial<Parameters<typeof query>[0]> = {}) {
  const rows: Record<string, unknown>[] = []
  for await (const some of query({ home, sql, ...more })) rows.push(...some)
  return rows
}

/** Names and contents of all files below folders. */
function contentOf(...folders: string[]): string[] {
  return folders.flatMap(folder =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(each => each.isFile())
      .map(each => join(each.parentPath, each.name))
      .map(path => `${path} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`),
  )
}

const WRITES = [
  "copy (select 1) to 'OUT'",
  "copy (select 1) to 'OUT' (format parquet)",
  "select 1; copy (select 2) to 'OUT'",
  "select 1 /* ; */ ; -- x\ncopy (select 2) to 'OUT'",
  "explain analyze copy (select 1) to 'OUT'",
  "explain (format json) copy (select 1) to 'OUT'",
  "explain /* a */ analyze copy (select 1) to 'PLACE/x.csv'",
  "export database 'OUT'",
  "import database 'PLACE'",
  "attach 'OUT' as w",
  "attach 'DATABASE' as w; delete from w.markets",
  'use memory',
  'detach store',
  'delete from store.markets',
  'update store.markets set mint = null',
  'drop table store.markets',
  'truncate store.markets',
  'create table t as select 1',
  'create view v as select 1',
  'create macro m() as 1',
  'create or replace temp view markets as select 1',
  'alter table store.markets drop mint',
  'insert into store.markets select * from store.markets',
  'with x as (insert into store.markets select * from store.markets returning *) from x',
  'with x as (delete from store.markets returning *) select * from x',
  'merge into store.markets using markets on true when matched then delete',
  'install httpfs',
  'force install httpfs from community',
  'load httpfs',
  "load 'OUT'",
  'update extensions',
  'pragma database_list',
  'pragma show_tables',
  "pragma enable_profiling='json'",
  "set profiling_output = 'OUT'",
  'set enable_external_access = true',
  'reset enable_external_access',
  "set allowed_paths = ['/etc/passwd']",
  "set global memory_limit = '90%'",
  'set variable sluice_home = 1',
  'begin',
  'commit',
  'checkpoint',
  'force checkpoint store',
  'vacuum',
  'analyze',
  'call enable_logging()',
  'call pragma_version()',
  'prepare p as select 1',
  'execute p',
  'comment on table store.markets is null',
  "create secret (type s3, key_id 'a')",
  'select 1; select 2',
  "select * from query('copy (select 1) to ''OUT''')",
  "from json_execute_serialized_sql(json_serialize_sql('select 1'))",
  'from enable_logging()',
  "from enable_logging(storage := 'file', storage_path := 'OUT')",
  'from enable_profiling()',
  'from checkpoint()',
  'from force_checkpoint()',
  '',
  '-- nothing',
]

test('what is not one statement that reads is refused, and nothing is written', async () => {
  const out = join(place, 'written')
  const earlier = contentOf(home, place)
  for (const each of WRITES) {
    const sql = each
      .replaceAll('OUT', out)
      .replaceAll('DATABASE', databasePath(home))
      .replaceAll('PLACE', place)
    await assert.rejects(ask(sql), UsageError, sql)
  }
  assert.equal(existsSync(out), false)
  assert.deepEqual(contentOf(home, place), earlier)
})

test('reading in all its forms is let through', async () => {
  assert.deepEqual(await ask('select count(*)::int n from markets'), [{ n: 2 }])
  assert.deepEqual(await ask('from markets select count(*)::int n;'), [{ n: 2 }])
  assert.deepEqual(await ask('with m as (from markets) select count(*)::int n from m -- x'), [
    { n: 2 },
  ])
  assert.deepEqual(await ask('values (1)'), [{ col0: 1 }])
  assert.deepEqual(await ask('select sum(range)::int s from range(4)'), [{ s: 6 }])
  for (const sql of [
    'show tables',
    'show all tables',
    'describe markets',
    'describe select 1',
    'summarize markets',
    'explain from markets',
    'explain analyze from markets',
    'Explain (format json) select * from markets',
    'from duckdb_tables()',
    'from information_schema.tables',
    'unpivot (select 1 a, 2 b) on a, b',
    'select * from json_each(\'{"a":1}\')',
  ])
    assert.ok((await ask(sql)).length > 0, sql)
})

const FOREIGN = [
  "select content from read_text('PLACE/secret.txt')",
  "from read_blob('PLACE/secret.txt')",
  "from glob('/etc/*')",
  "from glob('HOME/keys/*')",
  "from 'PLACE/secret.txt'",
  "from read_csv('PLACE/secret.txt')",
  "from read_csv(concat('PLACE/sec', 'ret.txt'))",
  "from read_csv(['PLACE/x.csv', 'PLACE/secret.txt'])",
  "from read_csv('PLACE/*')",
  "from sniff_csv('PLACE/secret.txt')",
  "from parquet_metadata('/etc/passwd')",
  "from read_duckdb('DATABASE')",
  "from '/etc/passwd'",
  "from '/proc/self/environ'",
  "from read_csv('/proc/self/environ')",
  "from '/dev/stdin'",
  "from 'PLACE/.hidden.csv'",
  "from 'PLACE/link.csv'",
  "from 'PLACE/*.csv'",
  "from read_csv('PLACE/link.csv')",
  "from 'PLACE/alias.csv'",
  "from 'HOME/keys/wallet.csv'",
  "from read_csv('HOME/keys/wallet.csv')",
  "from 'PLACE/../FOLDER/keys/wallet.csv'",
  "from 'HOME/ledger/live.ndjson'",
  "from 'HOME/config.json'",
  "from read_json('HOME/config.json')",
  "from 'https://127.0.0.1:1/x.parquet'",
  "from read_parquet('https://127.0.0.1:1/x.parquet')",
  "from 's3://bucket/x.parquet'",
  "from query_table(['/etc/passwd'])",
  "select getenv('HOME')",
  'from leak',
  'from leaky()',
  "from 'PLACE/none.csv'",
  "from 'PLACE'",
]

test('files outside, links that lead there, and addresses are refused', async t => {
  // A link that leads out of the folder for temporary files, and one to what is no data.
  const outside = join(homedir(), `.sluice-test-${process.pid}.csv`)
  writeFileSync(outside, 'secret\n')
  t.after(() => rmSync(outside))
  symlinkSync(outside, join(place, 'link.csv'))
  symlinkSync(join(place, 'secret.txt'), join(place, 'alias.csv'))
  t.after(() => rmSync(join(place, 'link.csv')))
  t.after(() => rmSync(join(place, 'alias.csv')))
  // What was defined in the database by somebody who may write to it opens no more either.
  const duck = await openDuck(databasePath(home))
  await duck.run(`create view leak as from read_text('${place}/x.csv')`)
  await duck.run(`create macro leaky() as table from read_text('${place}/x.csv')`)
  duck.close()
  for (const each of FOREIGN) {
    const sql = each
      .replaceAll('DATABASE', databasePath(home))
      .replaceAll('FOLDER', home.split('/').at(-1)!)
      .replaceAll('HOME', home)
      .replaceAll('PLACE', place)
    await assert.rejects(ask(sql), UsageError, sql)
  }
})

test('data files behind FROM need no database', async t => {
  const none = makeHome(t)
  const own = { home: none }
  const duck = await openDuck(':memory:')
  await duck.run(`copy (select range::int i from range(3)) to '${place}/p.parquet'`)
  duck.close()
  writeFileSync(join(place, 'g.ndjson.gz'), gzipSync('{"a":6}\n'))
  assert.deepEqual(await ask(`from '${place}/x.csv'`, own), [{ a: 1, b: 2 }])
  assert.deepEqual(await ask(`from '${place}/?.csv' order by a`, own), [
    { a: 1, b: 2 },
    { a: 3, b: 4 },
  ])
  assert.deepEqual(await ask(`select sum(i)::int s from '${place}/p.parquet'`, own), [{ s: 3 }])
  assert.deepEqual(await ask(`from read_parquet('${place}/p.parquet') limit 1`, own), [{ i: 0 }])
  assert.deepEqual(await ask(`from '${place}/g.ndjson.gz'`, own), [{ a: 6 }])
  const joined = `select x.a, z.a as z from '${place}/x.csv' x, '${place}/z.ndjson' z`
  assert.deepEqual(await ask(joined, own), [{ a: 1, z: 5 }])
  for (const [file, rows] of [
    ['x.csv', [{ a: 1, b: 2 }]],
    ['z.ndjson', [{ a: 5 }]],
    ['secret.txt', undefined],
  ] as const) {
    const asked = ask('from input', { ...own, file: join(place, file) })
    if (rows === undefined) await assert.rejects(asked, DataError)
    else assert.deepEqual(await asked, rows)
  }
})

test('--allow opens a folder, with what its links lead to inside it', async t => {
  const folder = join(home, 'ledger')
  const sql = `select signed from '${folder}/live.ndjson'`
  await assert.rejects(ask(sql), UsageError)
  assert.equal((await ask(sql, { allow: [folder] })).length, 1)
  await assert.rejects(ask(sql, { allow: [join(place, 'none')] }), /--allow: no folder/)
  symlinkSync(join(folder, 'live.ndjson'), join(place, 'in.ndjson'))
  t.after(() => rmSync(join(place, 'in.ndjson')))
  assert.equal((await ask(`from '${place}/in.ndjson'`, { allow: [folder] })).length, 1)
})

test('reading leaves the database, its log and the home as they were', async t => {
  const own = makeHome(t)
  const path = databasePath(own)
  const duck = await openDuck(path)
  await duck.run('create table t as select 1 a')
  await duck.run('checkpoint')
  // Left by somebody who writes: a log that is not in the file yet.
  await duck.run("set wal_autocheckpoint = '1GB'")
  await duck.run('insert into t values (2)')
  const wal = readFileSync(`${path}.wal`)
  const data = readFileSync(path)
  duck.close()
  writeFileSync(path, data)
  writeFileSync(`${path}.wal`, wal)
  const earlier = contentOf(own)
  assert.deepEqual(await ask('select sum(a)::int s from t', { home: own }), [{ s: 3 }])
  assert.deepEqual(contentOf(own), earlier)
})

test('time, memory and disk are bounded, and the flag is named', { timeout: 60_000 }, async t => {
  const own = makeHome(t)
  const endless = 'with recursive t as (select 1 x union all select x + 1 from t) select * from t'
  // Nothing interrupts this one, and it is not counted in the engine’s own memory.
  const large = "select length(repeat(repeat('x', 1000000), 3000)) from range(20)"
  for (const [argv, flag] of [
    [['--time-limit', '700ms', `${endless} where x < 0`], '--time-limit'],
    [
      ['--time-limit', '700ms', 'select list_reduce(range(100000000), lambda a, b: a + b)'],
      '--time-limit',
    ],
    [['--memory', '64MB', large], '--memory'],
    [['--memory', '64MB', 'select list(range) from range(100000000)'], '--memory'],
    [['--temp-disk', '5B', '-', 'from input'], '--temp-disk'],
  ] as const) {
    const done = await sluice(['query', ...argv], { home: own, input: '{"a":1}\n{"a":2}\n' })
    assert.equal(done.code, 2, `${argv.join(' ')}: ${done.stderr}`)
    assert.match(done.stderr, new RegExp(`^query: [^\\n]*${flag}[^\\n]*\\n$`), argv.join(' '))
  }
  assert.deepEqual(readdirSync(own), [])
})

test('a slow reader takes none of the time of a query, one that leaves ends it', async t => {
  const own = makeHome(t)
  const slow = await sh(
    "sluice query --time-limit 2s 'select range from range(300000)' | { sleep 3; wc -l; }",
    { home: own },
  )
  assert.equal(slow.stdout.trim(), '300000', slow.stderr)
  const left = await sh(
    "{ sluice query --time-limit 10s 'select range from range(100000000000)'; echo $? >&2; } " +
      '| head -1',
    { home: own },
  )
  assert.equal(left.stdout, '{"range":0}\n')
  assert.equal(left.stderr, '0\n')
})

test('a query that is interrupted ends at once and leaves nothing', async t => {
  const own = makeHome(t)
  const done = await sluice(['query', 'select list_reduce(range(100000000), lambda a, b: a + b)'], {
    home: own,
    env: { TMPDIR: own },
    async drive(child) {
      await new Promise(resolve => setTimeout(resolve, 1500))
      child.kill('SIGINT')
    },
  })
  assert.equal(done.code, 130, done.stderr)
  assert.deepEqual(readdirSync(own), [])
})

test('a date that may be day or month first stays a text until --time-format says', async () => {
  const file = join(place, 'dates.csv')
  writeFileSync(
    file,
    'd;w;x\n01/03/2024;2024-03-01 10:00:00;1,5\n02/03/2024;2024-03-02T10:00:00Z;2\n',
  )
  const select = 'select d, w, x from input order by all limit 1'
  // Whatever the clock of the machine shows, a text without a zone is UTC.
  const w = '2024-03-01T10:00:00Z'
  assert.deepEqual(await ask(select, { file }), [{ d: '01/03/2024', w, x: '1,5' }])
  const dmy = { file, timeFormat: 'dmy', decimal: ',' } as const
  assert.deepEqual(await ask(select, dmy), [{ d: '2024-03-01T00:00:00Z', w, x: 1.5 }])
  const [mdy] = await ask(select, { file, timeFormat: '%m/%d/%Y' })
  assert.equal(mdy?.d, '2024-01-03T00:00:00Z')
  // One cell that cannot be: the column stays what it is.
  writeFileSync(file, 'd\n01/03/2024\n14/03/2024\n')
  assert.equal((await ask('select d from input', { file, timeFormat: 'mdy' }))[0]?.d, '01/03/2024')
})

test('times without a zone are of --time-zone, and a name twice in a header is told', async () => {
  const file = join(place, 'zoned.csv')
  const write = (...lines: string[]) => writeFileSync(file, `a,z,a\n${lines.join('\n')}\n`)
  write('2024-03-30 12:00,2024-03-30T12:00:00Z,1', '2024-03-31 12:00,2024-03-31T12:00:00Z,2')
  const remarks: string[] = []
  const asked = { file, timeZone: 'Europe/Berlin', remark: (text: string) => remarks.push(text) }
  // Clocks went forward on the last Sunday of March, at one o’clock UTC.
  assert.deepEqual(await ask('select a, z from input', asked), [
    { a: '2024-03-30T11:00:00Z', z: '2024-03-30T12:00:00Z' },
    { a: '2024-03-31T10:00:00Z', z: '2024-03-31T12:00:00Z' },
  ])
  assert.match(remarks.join(), /"a" stands more than once in the header/)
  const [east] = await ask('select a from input', { file, timeZone: '+05:30' })
  assert.equal(east?.a, '2024-03-30T06:30:00Z')
  // And back on the last of October: half past two came twice; in March it never came.
  for (const odd of ['2024-10-27 02:30', '2024-03-31 02:30']) {
    write(`${odd},2024-03-30T12:00:00Z,1`)
    await assert.rejects(ask('select a from input', asked), DataError)
  }
  await assert.rejects(ask('select a from input', { file, timeZone: 'Mars/Base' }), UsageError)
})
