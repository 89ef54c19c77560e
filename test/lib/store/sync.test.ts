import assert from 'node:assert/strict'
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { DataError, UsageError } from '../../../lib/base/errors.ts'
import { makeSummary } from '../../../lib/monitor/summary.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { makeJournal } from '../../../lib/store/journal/journal.ts'
import { appendRow } from '../../../lib/store/journal/rows.ts'
import { type QueryOptions, query } from '../../../lib/store/query/query.ts'
import type { Trouble } from '../../../lib/store/tables/piece.ts'
import { runSync } from '../../../lib/store/tables/run-sync.ts'
import { sync } from '../../../lib/store/tables/sync.ts'
import { type Line, makeLine } from '../../../lib/stream/line.ts'
import { DAY, feed, freshHome, market, START } from './lines.ts'

function write(home: string, name: string, lines: Line[]): void {
  const journal = makeJournal({ home, name, fsync: 1000, minFree: 0, recall: 1 << 20 })
  feed(journal, lines)
  journal.close?.()
}

async function ask(
  home: string,
  sql: string,
  more: Partial<QueryOptions> = {},
): Promise<unknown[]> {
  const rows: unknown[] = []
  for await (const some of query({ home, sql, ...more })) rows.push(...some)
  return rows
}

const rich = (n: number, ts: number): Line =>
  market(n, ts, {
    features: {
      pool: { hash: '9f2c41d07be3', ready: true, values: { priceChange1: 0.5 } },
      tabular: {
        hash: 'c07d12ab9e55',
        ready: true,
        values: { riskScore: 22, holderCount: 412, liquidityUsd: 5000.5 },
      },
    },
    prediction: { moon: { version: '1', p: 0.61 }, rug: { version: '2', error: 'timeout' } },
    shadow: { moon: { version: '3', p: 0.5 } },
    decision: { act: 'buy', reasons: [], sizeLamports: '86463000', confidence: 0.7 },
  } as Partial<Rec>)

test('lines become rows of their tables, exact amounts, once however often sync runs', async () => {
  const home = freshHome()
  write(home, 'events', [market(0, START), market(1, START + 1)])
  const lines = [market(0, START), rich(1, START + 1)]
  lines.push(
    makeLine({
      v: 1,
      id: 'token:CAT',
      ts: START,
      kind: 'token',
      mint: 'CAT',
      source: 't',
      token: { supplyAmount: '12345678901234567890123' },
    } as Rec),
  )
  write(home, 'decisions', lines)
  const first = await sync({ home })
  assert.deepEqual({ lines: first.lines, refused: first.refused }, { lines: 5, refused: 0 })
  assert.deepEqual(await sync({ home }), { lines: 0, refused: 0, bytes: 0, archived: 0 })
  assert.deepEqual(await ask(home, 'select count(*) n, sum(base_amount) s from markets'), [
    { n: 2, s: 413800000000000 },
  ])
  assert.deepEqual(await ask(home, 'select supply_amount from tokens'), [
    { supply_amount: '12345678901234567890123' },
  ])
  assert.deepEqual(await ask(home, 'select act, size_lamports, reasons from decisions'), [
    { act: 'buy', size_lamports: 86463000, reasons: [] },
  ])
  assert.deepEqual(
    await ask(
      home,
      `select model, is_shadow, p, error, initial_price, initial_liquidity, initial_risk_score,
        initial_holders
      from ml_predictions order by model, is_shadow`,
    ),
    [
      {
        model: 'moon',
        is_shadow: false,
        p: 0.61,
        initial_price: 2e-7,
        initial_liquidity: 5000.5,
        initial_risk_score: 22,
        initial_holders: 412,
      },
      {
        model: 'moon',
        is_shadow: true,
        p: 0.5,
        initial_price: 2e-7,
        initial_liquidity: 5000.5,
        initial_risk_score: 22,
        initial_holders: 412,
      },
      {
        model: 'rug',
        is_shadow: false,
        error: 'timeout',
        initial_price: 2e-7,
        initial_liquidity: 5000.5,
        initial_risk_score: 22,
        initial_holders: 412,
      },
    ],
  )
  assert.deepEqual(await ask(home, `select feature_set, "values" from features order by 1`), [
    { feature_set: 'pool', values: { priceChange1: 0.5 } },
    { feature_set: 'tabular', values: { riskScore: 22, holderCount: 412, liquidityUsd: 5000.5 } },
  ])
})

test('labels join the predictions and, as of their time, the features', async () => {
  const home = freshHome()
  const label = (id: string, ts: number, horizon: 'h1' | 'h24', outcome: 'PUMP' | 'RUG') =>
    makeLine({
      v: 1,
      id,
      ts,
      kind: 'market',
      mint: 'CAT',
      source: 't',
      label: { horizon, outcome, return: 0.5, censored: false, availableAt: ts + 1 },
    } as Rec)
  write(home, 'decisions', [rich(1, START), rich(2, START + 1000)])
  write(home, 'labels', [
    label('market:pool1:1', START, 'h1', 'PUMP'),
    label('market:pool1:1', START, 'h24', 'RUG'),
    label('market:pool1:9', START + 999, 'h1', 'PUMP'),
    // An hour and more after the newest features: they describe another moment.
    label('market:pool1:10', START + 1000 + 3_600_001, 'h1', 'PUMP'),
  ])
  await sync({ home })
  assert.deepEqual(
    await ask(
      home,
      'select distinct id, outcome_1h, outcome_6h, outcome_24h from ml_predictions where ' +
        `model = 'moon' order by id`,
    ),
    [{ id: 'market:pool1:1', outcome_1h: 'PUMP', outcome_24h: 'RUG' }, { id: 'market:pool1:2' }],
  )
  // The label at START + 999 must see the features of START, not those of START + 1000.
  assert.deepEqual(
    await ask(
      home,
      'select id, horizon, features_id, hash from ml_training_data where feature_set = ' +
        `'pool' order by id, horizon`,
    ),
    [
      { id: 'market:pool1:1', horizon: 'h1', features_id: 'market:pool1:1', hash: '9f2c41d07be3' },
      { id: 'market:pool1:1', horizon: 'h24', features_id: 'market:pool1:1', hash: '9f2c41d07be3' },
      { id: 'market:pool1:9', horizon: 'h1', features_id: 'market:pool1:1', hash: '9f2c41d07be3' },
    ],
  )
  const [line] = (await ask(home, `from training_lines where label ->> 'horizon' = 'h24'`)) as Rec[]
  assert.equal(line?.label?.outcome, 'RUG')
  assert.equal(line?.features?.tabular?.values?.riskScore, 22)
})

test('query --tail sees whole lines not yet synced, and needs no database', async () => {
  const home = freshHome()
  write(home, 'events', [rich(0, START)])
  const count =
    'select (select count(*) from markets) m, (select count(*) from features) f, (select ' +
    'count(*) from ml_predictions) p'
  assert.deepEqual(await ask(home, count, { tail: true }), [{ m: 1, f: 2, p: 3 }])
  await sync({ home })
  write(home, 'events', [rich(1, START), rich(2, START)])
  appendFileSync(join(home, 'journal', 'events', '2026-11-20.ndjson'), market(3, START).raw)
  assert.deepEqual(await ask(home, count), [{ m: 1, f: 2, p: 3 }])
  assert.deepEqual(await ask(home, count, { tail: true }), [{ m: 3, f: 6, p: 9 }])
})

test('a reader keeps its copy while sync publishes the next, and cannot write', async () => {
  const home = freshHome()
  write(home, 'events', [market(0, START)])
  await sync({ home })
  const slow = query({
    home,
    sql: 'select i, (select count(*) from markets) n from range(200000) t(i)',
  })
  const first = (await slow.next()).value as { n: number }[]
  write(home, 'events', [market(1, START)])
  await sync({ home })
  assert.equal(first[0]?.n, 1)
  let last: { n: number }[] = first
  for await (const rows of slow) last = rows as { n: number }[]
  assert.equal(last.at(-1)?.n, 1)
  assert.deepEqual(await ask(home, 'select count(*) n from markets'), [{ n: 2 }])
  await assert.rejects(ask(home, 'delete from store.markets'), /only one statement that reads/)
  await assert.rejects(ask(home, 'select nope from markets'), UsageError)
})

test('loaded days become Parquet, very old ones go, nothing is loaded again', async () => {
  const home = freshHome()
  const lines = Array.from({ length: 6 }, (_, i) => rich(i, START + i * DAY))
  write(home, 'events', lines)
  assert.equal((await sync({ home })).archived, 3)
  const files = () =>
    readdirSync(join(home, 'journal', 'events')).filter(file => !file.startsWith('.'))
  assert.deepEqual(
    files().map(file => file.split('.')[1]),
    ['parquet', 'parquet', 'parquet', 'ndjson', 'ndjson', 'ndjson'],
  )
  write(home, 'events', [rich(100, START + 100 * DAY)])
  assert.equal((await sync({ home, retain: 97 })).lines, 1)
  assert.deepEqual(files(), [
    '2026-11-23.parquet',
    '2026-11-24.parquet',
    '2026-11-25.parquet',
    '2027-02-28.ndjson',
  ])
  assert.deepEqual(await ask(home, 'select count(*) n, count(distinct id) d from markets'), [
    { n: 7, d: 7 },
  ])
})

test('a line that is not JSON or has a wrong field is counted and refused', async () => {
  const home = freshHome()
  write(home, 'events', [market(0, START)])
  const path = join(home, 'journal', 'events', '2026-11-20.ndjson')
  appendFileSync(
    path,
    'not ' +
      'json\n{"v":1,"id":"x","ts":5,"kind":"market","source":"t","market":{"dex":"d",' +
      '"priceSol":"high"}}\n',
  )
  const { lines, refused } = await sync({ home })
  assert.deepEqual({ lines, refused }, { lines: 3, refused: 2 })
  assert.deepEqual(await ask(home, `select id from markets`), [{ id: market(0, START).rec.id }])
})

test('small pieces give the rows of one piece, and many feature files become one', async () => {
  const counts: unknown[] = []
  for (const piece of [1, 1 << 26]) {
    const home = freshHome()
    write(
      home,
      'events',
      Array.from({ length: 30 }, (_, i) => rich(i, START + i)),
    )
    await sync({ home, piece })
    await sync({ home })
    const features = readdirSync(join(home, 'bulk', 'features'))
    assert.equal(features.length, 1, String(features))
    counts.push(
      await ask(
        home,
        'select (select count(*) from markets) m, (select count(distinct (id, feature_set)) ' +
          'from features) d, (select count(*) from features) f',
      ),
    )
  }
  assert.deepEqual(counts[0], [{ m: 30, d: 60, f: 60 }])
  assert.deepEqual(counts[0], counts[1])
})

test('rows of the learning loop are appended, checked and loaded once', async () => {
  const home = freshHome()
  const row = {
    id: 'promotion:moon:1',
    ts: START,
    model: 'moon',
    action: 'promote',
    to: '2026-11-20.1',
    metrics: { brier: 0.2 },
  }
  appendRow(home, 'promotions', row)
  appendRow(home, 'promotions', row)
  assert.throws(() => appendRow(home, 'promotions', { ...row, action: 'praise' }), /promotions/)
  await sync({ home })
  appendRow(home, 'promotions', { ...row, id: 'promotion:moon:2' })
  const sql = 'select model, "action", "to", metrics, count(*) over () n from promotions limit 1'
  assert.deepEqual(await ask(home, sql), [
    { model: 'moon', action: 'promote', to: '2026-11-20.1', metrics: { brier: 0.2 }, n: 1 },
  ])
  assert.deepEqual(await ask(home, 'select count(*) n from promotions', { tail: true }), [{ n: 2 }])
})

test('SQL on any NDJSON file, also compressed and empty, without a database', async () => {
  const home = freshHome()
  const path = join(home, 'lines.ndjson')
  const text = `${rich(0, START).raw}\n${market(1, START).raw}\n`
  writeFileSync(path, text)
  writeFileSync(`${path}.gz`, gzipSync(text))
  writeFileSync(join(home, 'empty.ndjson'), '')
  for (const file of [path, `${path}.gz`]) {
    const sql =
      'select decision.act, market.baseAmount b, features.pool.values.priceChange1 c from ' +
      'input order by id'
    assert.deepEqual(await ask(home, sql, { file }), [
      { act: 'buy', b: '206900000000000', c: 0.5 },
      { b: '206900000000000' },
    ])
  }
  assert.deepEqual(
    await ask(home, 'select count(*) n, max(ts) from input', { file: join(home, 'empty.ndjson') }),
    [{ n: 0 }],
  )
  await assert.rejects(ask(home, 'select 1', { file: join(home, 'none.ndjson') }), UsageError)
  await assert.rejects(ask(home, 'from markets'), UsageError)
})

test('what a query prints is exact and plain', async () => {
  const home = freshHome()
  const path = join(home, 'one.ndjson')
  writeFileSync(path, '{"a":1}\n')
  const sql = `select 9007199254740991::BIGINT a, 9007199254740993::BIGINT b,
    (-170141183460469231731687303715884105727)::HUGEINT c,
    1.25::DECIMAL(10,2) d, 123456789012345678.25::DECIMAL(30,2) e, 'nan'::DOUBLE f, null g,
    [1, 2] h, {'x': 1, 'y': null} i,
    map {'k': 2::BIGINT} j, timestamp '2026-11-20 23:00:00' k, '\\xAA'::BLOB l,
    date '2026-11-20' m, true n, 1 as a, -0.0 o`
  assert.deepEqual(await ask(home, sql, { file: path }), [
    {
      a: 9007199254740991,
      b: '9007199254740993',
      c: '-170141183460469231731687303715884105727',
      d: 1.25,
      e: '123456789012345678.25',
      f: 'NaN',
      h: [1, 2],
      i: { x: 1 },
      j: { k: 2 },
      k: '2026-11-20T23:00:00Z',
      l: 'qg==',
      m: '2026-11-20',
      n: true,
      'a:1': 1,
      o: 0,
    },
  ])
})

test('the home can be moved', async () => {
  const home = freshHome()
  write(home, 'events', [rich(0, START)])
  await sync({ home })
  const moved = `${home}-moved`
  renameSync(home, moved)
  await sync({ home: moved })
  assert.deepEqual(await ask(moved, 'select count(*) n from features'), [{ n: 2 }])
  assert.ok(!existsSync(home))
  assert.ok(readFileSync(join(moved, 'sluice.duckdb')).length > 0)
})

test('what quality --summary says of each column is a row of ml_data_quality_metrics', async () => {
  const home = freshHome()
  const step = makeSummary({ maxMissing: 0.1, maxImbalance: 10, count: () => {} })
  for (let i = 0; i < 200; i++) {
    const values = {
      priceChange1: i,
      kConstant: Math.min(i, 100),
      ...(i % 2 ? { volumeMa5: 7 } : {}),
    }
    step.line?.(
      market(i, START + i, {
        features: { pool: { hash: 'x', ready: true, values } },
      } as Partial<Rec>),
      () => {},
    )
  }
  const lines: Line[] = []
  void step.end?.(line => lines.push(line))
  write(home, 'quality', lines)
  await sync({ home })
  const sql = `select "column", score, marks, missing, stuck, median, lines
    from ml_data_quality_metrics
    where "column" in ('pool.priceChange1', 'pool.kConstant', 'pool.volumeMa5') order by "column"`
  // By hand: 101 values 0…100, then 99 repeats of 100 (30 points); the MAD is 0.5, so that the 97
  // values below 99.5 − 3.5·1.4826·0.5 are outliers (20·97/200 points). Half of the lines without a
  // value, the rest constant.
  assert.deepEqual(await ask(home, sql), [
    {
      column: 'pool.kConstant',
      score: 60.3,
      marks: ['stale'],
      missing: 0,
      stuck: 0.495,
      median: 99.5,
      lines: 200,
    },
    {
      column: 'pool.priceChange1',
      score: 100,
      marks: [],
      missing: 0,
      stuck: 0,
      median: 99.5,
      lines: 200,
    },
    {
      column: 'pool.volumeMa5',
      score: 45,
      marks: ['missing', 'constant'],
      missing: 0.5,
      stuck: 0.99,
      median: 7,
      lines: 200,
    },
  ])
  assert.equal(
    (await ask(home, `select * from ml_data_quality_metrics where "column" = 'all'`)).length,
    1,
  )
})

test('a refused line is named by file, line and reason, and takes no id', async () => {
  const home = freshHome()
  const path = join(home, 'journal', 'events', '2026-11-20.ndjson')
  const bad = market(1, START).raw.replace(/"priceSol":[^,}]+/, '"priceSol":"dear"')
  write(home, 'events', [market(0, START)])
  writeFileSync(path, [bad, 'nonsense', market(1, START).raw, ''].join('\n'))
  rmSync(join(home, 'journal', 'events', '.head'))
  const warned: string[] = []
  let out = ''
  const rejects = join(home, 'rejects.ndjson')
  const run = () =>
    runSync({ home, rejects }, text => warned.push(text), {
      write: async text => void (out += text),
    })
  await assert.rejects(run, (error: unknown) => {
    assert.ok(error instanceof DataError)
    assert.equal(error.place, path)
    assert.equal(error.line, 1)
    assert.match(error.message, /2 refused/)
    return true
  })
  assert.match(warned[0]!, /2026-11-20\.ndjson: line 1: refused: market\.priceSol: expected number/)
  assert.match(warned[1]!, /line 2: refused: not JSON/)
  assert.equal(JSON.parse(out).refused, 2)
  const kept = readFileSync(rejects, 'utf8').trimEnd().split('\n')
  assert.deepEqual(
    kept.map(raw => JSON.parse(raw).raw),
    [bad, 'nonsense'],
  )
  const rows = await ask(home, 'select id from markets')
  assert.deepEqual(rows, [{ id: market(1, START).rec.id }], 'the good one of that id')
  await run()
})

test('damage in a journal is refused by line; what follows is loaded', async () => {
  const home = freshHome()
  const path = join(home, 'journal', 'events', '2026-11-20.ndjson')
  const lines = Array.from({ length: 6 }, (_, i) => market(i, START + i))
  write(home, 'events', lines)
  const stored = readFileSync(path, 'utf8').split('\n')
  stored[1] = stored[1]!.replace('"ts":', '"ts": ')
  stored.splice(3, 1)
  writeFileSync(path, stored.join('\n'))
  const told: [string, number][] = []
  const report = await sync({ home, tell: ({ what, line }) => told.push([what, line]) })
  assert.deepEqual(told, [
    ['refused', 2],
    ['damaged', 4],
  ])
  assert.deepEqual([report.lines, report.refused, report.damaged], [5, 1, 1])
  const [{ n }] = (await ask(home, 'select count(*) n from markets')) as [{ n: number }]
  assert.equal(n, 4)
})

test('the same id with another fact is a conflict; the first stays', async () => {
  const home = freshHome()
  const price = (n: number, priceSol: number, more: object = {}): Line =>
    market(n, START, { market: { ...market(n, START).rec.market!, priceSol }, ...more })
  write(home, 'events', [price(0, 1), price(1, 1), price(2, 1)])
  const told: string[] = []
  const tell = ({ what, line, reason }: Trouble) => told.push(`${what} ${line} ${reason}`)
  assert.equal((await sync({ home, tell })).conflicts, undefined)
  write(home, 'other', [
    price(0, 1, { source: 'other', seenAt: START + 5 }),
    price(1, 2),
    price(3, 1),
  ])
  write(home, 'third', [price(3, 4)])
  assert.equal((await sync({ home, tell })).conflicts, 2)
  const id = (n: number): string => market(n, START).rec.id
  assert.deepEqual(told, [
    `conflict 2 ${id(1)} is known with another price_sol; the first stays`,
    `conflict 1 ${id(3)} is known with another price_sol; the first stays`,
  ])
  assert.deepEqual(await ask(home, 'select price_sol p from markets order by id'), [
    { p: 1 },
    { p: 1 },
    { p: 1 },
    { p: 1 },
  ])
})

test('a damaged database says how it is made anew, and is, from archives too', async () => {
  const home = freshHome()
  const days = [0, 1, 2, 3, 4].map(n => rich(n, START + n * DAY))
  write(home, 'events', days)
  const before = await sync({ home })
  assert.ok(before.archived > 0, 'some days are archives')
  const rows = await ask(home, 'select * from markets order by id')
  const sets = await ask(home, 'select * from features order by id, feature_set')
  const path = join(home, 'sluice.duckdb')
  const good = readFileSync(path)
  const zeroed = Buffer.from(good)
  zeroed.fill(0, 0, 8192)
  for (const bytes of [Buffer.from('no database'), zeroed]) {
    writeFileSync(path, bytes)
    await assert.rejects(sync({ home }), (error: unknown) => {
      assert.ok(error instanceof DataError, String(error))
      assert.match(error.message, /is damaged .*sluice sync --rebuild/)
      return true
    })
    assert.deepEqual(readFileSync(path), bytes, 'it is left as it is')
    const report = await sync({ home, rebuild: true })
    assert.equal(report.lines, 5)
    assert.deepEqual(await ask(home, 'select * from markets order by id'), rows)
    assert.deepEqual(await ask(home, 'select * from features order by id, feature_set'), sets)
  }
  assert.equal((await sync({ home })).lines, 0)
})
