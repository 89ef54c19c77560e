import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SETS } from '../../../lib/features/sets.ts'
import { standardOf } from '../../../lib/learn/degradation-guard.ts'
import { judge, judgeTrial } from '../../../lib/learn/promotion-judge.ts'
import { recentPrices } from '../../../lib/learn/recent-prices.ts'
import { laterRows } from '../../../lib/learn/rows/score-rows.ts'
import type { Bundle } from '../../../lib/model/bundle.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { makeJournal } from '../../../lib/store/journal/journal.ts'
import { sync } from '../../../lib/store/tables/sync.ts'
import { makeLine } from '../../../lib/stream/line.ts'
import { PRICE_INPUT } from '../../../lib/train/networks/network-rows.ts'
import { folder } from '../model/fixture.ts'
import { BAR, walkRows } from '../train/export-folder.ts'

const HOUR = 3_600_000
const TOKENS = 200
const price = {
  name: 'price',
  version: '1',
  kind: 'price',
  algorithm: { name: 'network price', settings: { bar: BAR } },
  heads: [{ name: 'change', output: 'heads', labels: ['5', '10', '15', '30'] }],
  inputs: [PRICE_INPUT],
} as unknown as Bundle

/** Tokens of 31 bars: only the first line of each has a close 30 bars later. One is a bar short. */
function* market(): Generator<Rec> {
  for (let token = 0; token <= TOKENS; token++)
    for (const row of walkRows(token === TOKENS ? 30 : 31, `T${token}`)) {
      const mint = `T${token}`
      const ts = row.ts + token * BAR
      const line = { v: 1, id: `market:${mint}:${ts}`, ts, kind: 'market', mint, source: 'test' }
      const data = Buffer.from(Float32Array.from(row.window).buffer).toString('base64')
      const window = { shape: [60, 10], data }
      yield {
        ...line,
        features: { price: { hash: SETS.price.hash, ready: true, window } },
      } as unknown as Rec
      const known = { profitable: false, censored: false, availableAt: ts + HOUR }
      yield { ...line, label: { horizon: 'h1', ...known } } as unknown as Rec
    }
}

test('price models are judged by the closes that came, one row per token', async t => {
  const home = folder(t)
  const journal = makeJournal({ home, name: 'snapshots', fsync: 0, minFree: 0, recall: 0 })
  const all = [...market()].sort((a, b) => a.ts - b.ts)
  await journal.batch?.(all.map(makeLine), () => undefined)
  await journal.close?.()
  await sync({ home, warn: () => undefined })
  assert.equal(await recentPrices({ home, horizon: 'h4' }, [price]), undefined)
  const read = await recentPrices({ home, horizon: 'h1' }, [price])
  assert.ok(read !== undefined)
  assert.equal(read.time.length, TOKENS)
  assert.deepEqual([read.aim, read.names], ['numbers', ['5', '10', '15', '30']])
  // By hand: closes of the tokens, which the candles of the rows end with.
  const rows = walkRows(31, 'T3')
  const close = (k: number): number => rows[k]!.candles[99 * 5 + 3]!
  const at = read.time.indexOf(rows[0]!.ts + 3 * BAR)
  for (const [k, bars] of [5, 10, 15, 30].entries())
    assert.ok(Math.abs(read.labels[k]![at]! - (close(bars) / close(0) - 1)) < 1e-5)
  const [fed] = read.feeds(price, Int32Array.of(at))
  assert.deepEqual([...fed!.data], [...Float32Array.from(rows[0]!.window)])

  // One that knows half of what came is shown to be better than one that says “nothing”, and not
  // the other way round.
  const labels = read.labels
  const [none, half] = [0, 0.5].map(share => labels.map(column => column.map(y => share * y)))
  const rules = {
    trial: 0,
    trialRows: 100,
    trialMost: 24 * HOUR,
    alpha: 0.05,
    acceptUnderpowered: false,
  }
  const facts = { spanMs: 10 * HOUR, ageMs: 10 * HOUR }
  const end = (champion: Float64Array[], challenger: Float64Array[]): string => {
    const found = judge({ aim: 'numbers', labels, champion, challenger }, 0.5, 'seed')
    return judgeTrial({ found, ...facts }, rules).end
  }
  assert.equal(laterRows(read, 0).length, TOKENS)
  assert.deepEqual([end(none!, half!), end(half!, none!)], ['promote', 'retire'])
  assert.equal(end(none!, none!), 'wait')
})

test('the test of a head of several numbers is the mean over them, as its loss is', () => {
  const rmse = (head: string, high: number) => ({
    head,
    part: 'test',
    name: 'rmse',
    value: 0,
    high,
  })
  const metrics = [rmse('5', 1), rmse('30', 3), rmse('other', 100)]
  assert.equal(standardOf(metrics, ['5', '30'])?.lossHigh, (1 + 9) / 2)
  assert.equal(standardOf(metrics)?.lossHigh, 1)
})
