import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { DataError, TemporaryError, UsageError } from '../../../../lib/base/errors.ts'
import { openSqlite } from '../../../../lib/store/sqlite/sqlite.ts'
import { withFiles } from '../../sources/scratch.ts'
import { writeSqlite } from '../../sources/snapshots/bot-file.ts'

const isWasm = process.getBuiltinModule?.('node:sqlite') === undefined

test('whole numbers beyond 2⁵³, texts and missing values are read as they are', async () => {
  await withFiles({}, async path => {
    writeSqlite(path('a.db'), "CREATE TABLE t (a, b); INSERT INTO t VALUES (9007199254740993, 'x')")
    writeSqlite(path('a.db'), 'INSERT INTO t VALUES (1.5, NULL)')
    mkdirSync(path('work'))
    const file = await openSqlite(path('a.db'), path('work'))
    const rows = [...file.rows('SELECT a, b FROM t')].map(({ a, b }) => [String(a), b])
    assert.deepEqual(rows, [
      ['9007199254740993', 'x'],
      ['1.5', null],
    ])
    assert.throws(() => [...file.rows('DELETE FROM t')], DataError)
    file.close()
    assert.deepEqual(readdirSync(path('.')).sort(), ['a.db', 'work'])
  })
})

test('a file in WAL mode is read, and its log is not passed over', async t => {
  if (!isWasm) return t.skip('this Node reads the log itself')
  await withFiles({}, async path => {
    writeSqlite(
      path('a.db'),
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; ' + 'CREATE TABLE t (a)',
    )
    mkdirSync(path('work'))
    const file = await openSqlite(path('a.db'), path('work'))
    assert.deepEqual(file.tables(), ['t'])
    utimesSync(path('a.db'), 1, 1)
    assert.throws(() => file.refuseChanged(), TemporaryError)
    file.close()
    writeFileSync(path('a.db-wal'), 'rows')
    mkdirSync(path('more'))
    await assert.rejects(openSqlite(path('a.db'), path('more')), /holds rows that are not in it/)
  })
})

test('a file without a log that changes while it is read is found out', async () => {
  await withFiles({}, async path => {
    writeSqlite(path('a.db'), 'CREATE TABLE t (a)')
    mkdirSync(path('work'))
    const file = await openSqlite(path('a.db'), path('work'))
    file.refuseChanged()
    writeSqlite(path('a.db'), 'INSERT INTO t VALUES (1)')
    assert.throws(() => file.refuseChanged(), TemporaryError)
    file.close()
  })
})

test('a log is kept to: what was there at first is read to the end', async t => {
  const native = process.getBuiltinModule?.('node:sqlite') as any
  if (native === undefined) return t.skip('this Node has no SQLite of its own')
  await withFiles({}, async path => {
    const writer = new native.DatabaseSync(path('a.db'))
    writer.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)')
    mkdirSync(path('work'))
    const file = await openSqlite(path('a.db'), path('work'))
    writer.exec('INSERT INTO t VALUES (2)')
    assert.equal([...file.rows('SELECT a FROM t')].length, 1)
    file.refuseChanged()
    file.close()
    writer.close()
  })
})

test('damage is told as damage', async () => {
  await withFiles({ 'a.db': `SQLite format 3\0${'x'.repeat(4096)}` }, async path => {
    mkdirSync(path('work'))
    await assert.rejects(openSqlite(path('a.db'), path('work')), (error: unknown) => {
      assert.ok(error instanceof DataError || error instanceof UsageError)
      return true
    })
  })
})
