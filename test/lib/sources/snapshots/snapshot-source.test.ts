import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { DataError, UsageError } from '../../../../lib/base/errors.ts'
import type { SnapshotOptions } from '../../../../lib/sources/snapshots/snapshot-source.ts'
import { openSnapshots } from '../../../../lib/sources/snapshots/snapshot-source.ts'
import { openDuck } from '../../../../lib/store/duck/duck.ts'
import { drain, makeIntakes, withFiles } from '../scratch.ts'
import * as bot from './bot-file.ts'

async function read(table: string, more: Partial<SnapshotOptions> = {}, skip = false) {
  const { intake, rejects } = makeIntakes(skip)
  const told: string[] = []
  const counts: Record<string, number> = {}
  const source = await openSnapshots({
    table,
    dryRun: false,
    rule: {},
    tick: 0,
    intake: intake(table),
    count: (what, by = 1) => void (counts[what] = (counts[what] ?? 0) + by),
    warn: text => void told.push(text),
    say: text => void told.push(text),
    ...more,
  })
  return { ...(await drain(source)), told: told.join('\n'), counts, rejects }
}

test('a joined SQLite file of 63,870 rows: a dry run, and lines with exact reserves', async () => {
  await withFiles({ 'map.json': JSON.stringify(bot.MAP) }, async path => {
    const [file, map] = [path('bot.db'), path('map.json')]
    bot.writeSqlite(file, bot.botTables)
    await dryRun(file, map)
    await allLines(file, map)
    assert.deepEqual(readdirSync(path('.')).sort(), ['bot.db', 'map.json'])
  })
})

/** Order, repetitions, volumes that are reserves, and gaps, by how the file was made. */
async function dryRun(file: string, map: string): Promise<void> {
  const { lines, error } = await read(file, { map, sql: bot.JOIN, dryRun: true })
  assert.equal(error, undefined)
  const [report] = lines.map(line => JSON.parse(line.raw))
  const sevens = Math.ceil((bot.ROWS - bot.REPEATED - 7) / bot.POOLS) + 1
  assert.deepEqual(report, {
    rows: bot.ROWS,
    backwards: bot.POOLS - 1,
    pools: bot.POOLS,
    firstAt: bot.START,
    lastAt: bot.START + 626 * bot.STEP + bot.PAUSE + 7 * ((bot.ROWS - bot.REPEATED - 1) % 102),
    repeated: bot.REPEATED,
    contradicting: 0,
    stepSeconds: bot.STEP / 1000,
    gaps: bot.POOLS,
    longestGap: {
      seconds: (bot.STEP + bot.PAUSE) / 1000,
      pool: 'pool0',
      fromAt: bot.START + (bot.PAUSE_AT - 1) * bot.STEP,
    },
    volumes: { 'volumeUsd.h24': { told: bot.ROWS, reserve: bot.ROWS } },
    turned: sevens,
  })
}

/** Every line by how its row was made. */
async function allLines(file: string, map: string): Promise<void> {
  const { lines, told, counts, error } = await read(file, { map, sql: bot.JOIN })
  assert.equal(error, undefined)
  assert.equal(lines.length, bot.ROWS - bot.REPEATED)
  assert.equal(counts['repeated-rows'], bot.REPEATED)
  assert.match(told, /volumeUsd\.h24 is a reserve of the pool in every row/)
  lines.forEach(({ rec }, i) => {
    const whole = 250_000n * BigInt(4 * (1_000_000 + 3 * i) + 1)
    const sol = 125_000_000n * BigInt(400 + ((37 * i) % 1000))
    const isTurned = i % bot.POOLS === 7
    assert.equal(rec.id, `market:pool${i % bot.POOLS}:snapshots:${rec.ts}`)
    assert.equal(rec.mint, `mint${i % bot.POOLS}`)
    assert.equal(rec.market!.quoteMint, bot.SOL)
    assert.equal(rec.market!.volumeUsd, undefined)
    assert.equal(rec.market!.baseAmount, String(isTurned ? sol / 1000n : whole))
    assert.equal(rec.market!.quoteAmount, String(isTurned ? whole * 1000n : sol))
  })
  assert.equal(new Set(lines.map(({ rec }) => rec.id)).size, lines.length)
}

const COLUMNS =
  'pool_address, base_mint, quote_mint, base_decimals, pool_base_token_reserves, ' +
  'pool_quote_token_reserves, liquidity_usd, volume_24h_usd, timestamp'
/** Amounts beyond 2⁵³, where a double has no odd numbers. */
const VALUES = [
  `('P', 'M', '${bot.SOL}', 6, 9007199254740993, 9007199254740995, 1.5, 7, 1749600060)`,
  `('P', 'M', '${bot.SOL}', 6, 9007199254740991, 5, 0.1, 8, 1749600000)`,
].join(', ')

test('SQLite, CSV and Parquet of the same rows give the same lines, by usual names', async () => {
  await withFiles({}, async path => {
    bot.writeSqlite(
      path('t.db'),
      `CREATE TABLE t AS WITH v(${COLUMNS}) AS (VALUES ${VALUES})
      SELECT * FROM v`,
    )
    const duck = await openDuck(':memory:')
    await duck.run(`create table t as select * from (values ${VALUES}) v(${COLUMNS})`)
    await duck.run(`copy t to '${path('t.csv')}' (format csv, header)`)
    await duck.run(
      `copy (select * replace (make_timestamp(timestamp::bigint * 1000000) as timestamp) from t)
        to '${path('t.parquet')}' (format parquet)`,
    )
    duck.close()
    for (const name of ['t.db', 't.csv', 't.parquet']) {
      const { raw, told, counts, error } = await read(path(name))
      assert.equal(error, undefined)
      assert.match(told, /usual names of its columns: \{"timestamp":"time","pool_address":"pool"/)
      assert.equal(counts['backwards-rows'], 1)
      assert.deepEqual(
        raw.map(text => JSON.parse(text)),
        [
          ['9007199254740991', '5', 1749600000000, 0.1, 8, 5.55111512313e-19],
          ['9007199254740993', '9007199254740995', 1749600060000, 1.5, 7, 0.001],
        ].map(([baseAmount, quoteAmount, ts, liquidityUsd, h24, priceSol]) => ({
          v: 1,
          id: `market:P:snapshots:${ts}`,
          ts,
          kind: 'market',
          mint: 'M',
          pool: 'P',
          source: 'snapshots',
          market: {
            dex: 'unknown',
            quoteMint: bot.SOL,
            baseDecimals: 6,
            quoteDecimals: 9,
            baseAmount,
            quoteAmount,
            priceSol,
            liquidityUsd,
            volumeUsd: { h24 },
          },
        })),
      )
    }
  })
})

test('a bad cell is told by row and column, or skipped and kept', async () => {
  const csv = 'pool_id,timestamp,price_sol\nP,1749600000,1\nP,soon,2\nP,1749600060,-1\n'
  await withFiles({ 't.csv': csv }, async path => {
    const { error } = await read(path('t.csv'))
    assert.ok(error instanceof DataError)
    assert.match(String(error), /t\.csv: row 2: timestamp: expected a time in s, ms/)
    const { lines, rejects } = await read(path('t.csv'), {}, true)
    assert.equal(lines.length, 1)
    assert.match(rejects[1]!, /"price_sol","reason":"expected a number from 0, got \\"-1\\""/)
  })
})

test('what may be two things is refused by name, with what is clear', async () => {
  await withFiles({ 't.csv': 'pool_id,ts,price,base_reserve,volume_24h\n' }, async path => {
    await assert.rejects(read(path('t.csv')), (error: Error) => {
      assert.ok(error instanceof UsageError)
      assert.match(error.message, /"price" may be priceSol or priceUsd/)
      assert.match(error.message, /"base_reserve" may be baseAmount \(base units\)/)
      assert.match(error.message, /\{"ts":"time","pool_id":"pool"\}/)
      return true
    })
  })
})

test('a mapping names columns and fields that there are, each once', async () => {
  const wrong: [object, RegExp][] = [
    [{ pool: 'pool' }, /the table has no column "pool"/],
    [{ pool_id: 'pol' }, /no field "pol"; did you mean pool\?/],
    [{ pool_id: ['pool', 'mint'], '=x': 'mint' }, /two columns for mint/],
    [{ pool_id: 'pool' }, /no column is time/],
    [{ pool_id: 'pool', ts: 'time', b: 'baseReserve' }, /baseReserve needs baseDecimals/],
  ]
  await withFiles({ 't.csv': 'pool_id,ts,b\nP,1749600000,1.5\n' }, async path => {
    for (const [map, reason] of wrong) {
      writeFileSync(path('map.json'), JSON.stringify(map))
      await assert.rejects(read(path('t.csv'), { map: path('map.json') }), reason)
    }
    const map = { pool_id: 'pool', ts: 'time', b: 'baseReserve', '=0': 'baseDecimals' }
    writeFileSync(path('map.json'), JSON.stringify(map))
    const { lines, counts } = await read(path('t.csv'), { map: path('map.json') })
    assert.equal(lines[0]!.rec.market!.baseAmount, '1')
    assert.equal(counts['rounded-reserve'], 1)
  })
})

test('SQL reads, in one statement, and leaves the file as it is', async () => {
  await withFiles({}, async path => {
    const file = path('t.db')
    bot.writeSqlite(file, "CREATE TABLE t (pool_id, ts); INSERT INTO t VALUES ('P', 1749600000)")
    const bytes = readFileSync(file)
    const other = path('other.db')
    for (const sql of [
      'SELECT * FROM t; DROP TABLE t',
      `ATTACH '${other}' AS o`,
      `SELECT * FROM t; ATTACH '${other}' AS o`,
      'WITH a AS (SELECT 1) DELETE FROM t',
      'SELECT * FROM nothing',
      'PRAGMA user_version = 7',
    ])
      await assert.rejects(read(file, { sql }), UsageError, sql)
    // Some engines do not know this function, others forbid it when it is called.
    const loading = read(file, { sql: "SELECT load_extension('x') AS pool_id, ts FROM t" })
    assert.match(String(await loading.then(({ error }) => error, String)), /no such|not authorized/)
    const { lines } = await read(file, { sql: "SELECT * FROM t WHERE ';' <> '--' -- ; all\n;" })
    assert.equal(lines.length, 1)
    assert.ok(!existsSync(other))
    assert.deepEqual(readFileSync(file), bytes)
  })
})

test('of several tables that may be meant none is guessed', async () => {
  await withFiles({}, async path => {
    const file = path('t.db')
    bot.writeSqlite(file, 'CREATE TABLE a (pool_id, ts); CREATE TABLE b (pool_id, ts)')
    await assert.rejects(read(file), /holds a, b: say which rows with --sql/)
    bot.writeSqlite(file, 'DROP TABLE b; CREATE TABLE b (x)')
    assert.match((await read(file)).told, /SQLite table a/)
  })
})
