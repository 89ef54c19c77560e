import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataError } from '../../../../lib/base/errors.ts'
import { openOhlcv } from '../../../../lib/sources/ohlcv/ohlcv-source.ts'
import { openDuck } from '../../../../lib/store/duck/duck.ts'
import { drain, makeIntakes, withFiles } from '../scratch.ts'

const ROWS = [
  "('WIF', 0, 1.0, 2.0, 0.5, 1.25, 10.0)",
  "('b''o nk', 0, 1e-7, 2e-7, 1e-8, 1.2345678901234e-7, 3e9)",
  "('WIF', 300, 1.25, 2.0, 0.5, 1.5, 0.0)",
  "('b''o nk', 300, 1e-7, 2e-7, 1e-8, 1e-7, 1.0)",
]
const NAMES = '(symbol, timestamp, open, high, low, close, volume)'

/** Lines of the same rows from both kinds of file. */
async function both(rows: readonly string[], query = 'select * from t', skip = false) {
  return withFiles({}, async path => {
    const duck = await openDuck(':memory:')
    await duck.run(`create table t as select * from (values ${rows.join(', ')}) v${NAMES}`)
    await duck.run(`copy (${query}) to '${path('t.parquet')}' (format parquet)`)
    await duck.run(`copy (${query}) to '${path('t.csv')}' (format csv, header)`)
    duck.close()
    const out = []
    for (const name of ['t.parquet', 't.csv']) {
      const { intake, rejects } = makeIntakes(skip)
      const options = {
        columns: [],
        order: 'time' as const,
        interval: undefined,
        currency: 'sol' as const,
        symbol: undefined,
        count: () => undefined,
        warn: () => undefined,
        tick: 10_000,
      }
      const { raw, error } = await drain(
        await openOhlcv({ ...options, paths: [path(name)], intake }),
      )
      out.push({ raw, rejects, error: error as DataError | undefined })
    }
    return out as [(typeof out)[0], (typeof out)[0]]
  })
}

test('a Parquet file gives the lines of the same rows as CSV', async () => {
  const [parquet, csv] = await both(ROWS)
  assert.deepEqual(parquet.raw, csv.raw)
  assert.equal(parquet.raw.length, 5)
  assert.ok(parquet.raw[0]?.includes('"mint":"WIF"') || parquet.raw[1]?.includes('"mint":"WIF"'))
})

test('times may be timestamps, and rows in any order', async () => {
  const [whole] = await both(ROWS)
  const stamped =
    'select * replace (to_timestamp(timestamp)::timestamp as timestamp) from t order by ' +
    'symbol, timestamp desc'
  const [parquet] = await both(ROWS, stamped)
  assert.deepEqual(parquet.raw, whole.raw)
})

test('bad rows are refused like those of a CSV: a missing number is not 0', async () => {
  const bad = [
    "('WIF', 600, NULL, 2.0, 0.5, 1.0, 1.0)",
    "('WIF', 900, 1.0, 0.5, 2.0, 1.0, 1.0)",
    "('WIF', 1200, 1.0, 2.0, 0.5, -1.0, 1.0)",
  ]
  const nobody = '(NULL, 300, 1.0, 2.0, 0.5, 1.0, 1.0)'
  const [parquet, csv] = await both([...ROWS, ...bad, nobody], 'select * from t', true)
  assert.deepEqual(parquet.raw, csv.raw)
  const fields = (rejects: string[]): string[] => rejects.map(text => JSON.parse(text).field)
  assert.deepEqual(fields(parquet.rejects), fields(csv.rejects))
  const [strict] = await both([...ROWS, bad[1]!])
  assert.ok(strict.error instanceof DataError)
  assert.deepEqual([strict.error.field, strict.error.line], ['high', 5])
})

test('what is no Parquet, or lacks a column, is named', async () => {
  await withFiles({ 'a.parquet': 'PAR1 and no more' }, async path => {
    const { intake } = makeIntakes(false)
    const options = {
      columns: [],
      order: 'time' as const,
      interval: undefined,
      currency: undefined,
      symbol: undefined,
      count: () => undefined,
      warn: () => undefined,
      tick: 0,
      intake,
    }
    const { error } = await drain(await openOhlcv({ ...options, paths: [path('a.parquet')] }))
    assert.ok(error instanceof DataError && /no price table/.test(error.message), String(error))
  })
  const [{ error }] = await both(ROWS, 'select * exclude (close) from t')
  assert.ok(error instanceof DataError && error.field === 'close')
})
