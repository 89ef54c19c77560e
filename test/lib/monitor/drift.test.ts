import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { edgesOf, makeBaseline } from '../../../lib/alerts/baseline.ts'
import type { Log } from '../../../lib/base/console.ts'
import { Negative, TemporaryError, UsageError } from '../../../lib/base/errors.ts'
import { defaultsOf } from '../../../lib/base/flags.ts'
import { makeRng } from '../../../lib/base/rng.ts'
import { writeAliases } from '../../../lib/model/registry.ts'
import { driftFlags } from '../../../lib/monitor/drift-flags.ts'
import { countQuery, windowOf } from '../../../lib/monitor/drift-sql.ts'
import { countWindow } from '../../../lib/monitor/drift-state.ts'
import { runDrift } from '../../../lib/monitor/run-drift.ts'
import { openDuck } from '../../../lib/store/duck/duck.ts'
import { makeJournal } from '../../../lib/store/journal/journal.ts'
import { sync } from '../../../lib/store/tables/sync.ts'
import { setPart } from '../../../lib/stream/line.ts'
import { examples, folder, makeModel, POOL_NAMES, poolLine } from '../model/fixture.ts'

const silent: Log = { info() {}, warn() {}, error() {} }
const DAY = 86_400_000

async function home(t: { after(fn: () => void): void }): Promise<string> {
  const dir = folder(t)
  const rows = examples(3000)
  await makeModel(
    join(dir, 'models'),
    'moon',
    '1',
    {},
    { ...rows, groups: Int32Array.from(rows.label, (_, i) => i) },
  )
  writeAliases(join(dir, 'models/moon'), {
    at: 0,
    action: 'alias',
    reason: 'test',
    before: {},
    after: { production: '1' },
  })
  return dir
}

async function drift(dir: string, more: Partial<Parameters<typeof runDrift>[0]> = {}) {
  const lines: Record<string, unknown>[] = []
  const options = {
    home: dir,
    file: undefined,
    ...defaultsOf(driftFlags),
    models: join(dir, 'models'),
    window: DAY,
    log: silent,
    alertCommand: undefined,
    stderr: () => {},
  }
  let error: unknown
  try {
    await runDrift(
      { ...options, ...more },
      {
        write: async text =>
          void lines.push(
            ...text
              .trim()
              .split('\n')
              .map(line => JSON.parse(line)),
          ),
      },
    )
  } catch (thrown) {
    error = thrown
  }
  return { lines, error, by: new Map(lines.map(line => [line.name, line])) }
}

function tableFile(dir: string, name: string, rows: number, shift: number, perToken = 1): string {
  const rng = makeRng(name)
  const text = Array.from({ length: rows }, (_, i) => {
    const values = POOL_NAMES.map((_, f) => rng.normal() + (f === 2 ? shift : 0))
    if (rng.next() < 0.1) values[1] = Number.NaN
    return (
      `T${Math.floor(i / perToken)},` +
      `${values.map(value => (Number.isNaN(value) ? '' : value)).join(',')}`
    )
  })
  const path = join(dir, name)
  writeFileSync(path, `token,${POOL_NAMES.join(',')}\n${text.join('\n')}\n`)
  return path
}

test('edges lie between values that were seen; few values get a bin each', () => {
  assert.deepEqual(edgesOf(Float64Array.of(0, 0, 0, 1)), [0.5])
  assert.deepEqual(edgesOf(Float64Array.of(3, 3, 3)), [])
  assert.deepEqual(edgesOf(new Float64Array()), [])
  // 1 … 100: deciles 10, 20, …; the edge is half way to the next value.
  assert.deepEqual(
    edgesOf(Float64Array.from({ length: 100 }, (_, i) => i + 1)),
    [10.5, 20.5, 30.5, 40.5, 50.5, 60.5, 70.5, 80.5, 90.5],
  )
  const { shares, missingShare, rows } = makeBaseline([1, 1, 2, Number.NaN])
  assert.deepEqual(
    { shares, missingShare, rows },
    { shares: [0.5, 0.25], missingShare: 0.25, rows: 4 },
  )
})

test('the engine bins as the baseline does, infinities and unknown values too', async () => {
  const rng = makeRng('bins')
  const values = Float32Array.from({ length: 5000 }, (_, i) =>
    i % 50 === 0
      ? Number.NaN
      : i % 51 === 0
        ? Infinity
        : i % 53 === 0
          ? -Infinity
          : i % 7 === 0
            ? 2
            : rng.normal(),
  )
  const baseline = makeBaseline(values)
  const duck = await openDuck(':memory:')
  try {
    const table = await duck.numbers.create('live', ['x'])
    table.add([...values].map(value => [value]))
    table.flush()
    await duck.run('INSERT INTO live VALUES (NULL)')
    for (const edges of [baseline.edges, []]) {
      const watched = [{ name: 'x', baseline: { ...baseline, edges }, from: 'x' }]
      const rows = await duck.rows(countQuery({ from: 'live' }, watched))
      const { rows: count, counts } = windowOf(rows[0] ?? {}, watched)
      assert.equal(count, 5001)
      const expected = edges.length === 0 ? [1 - baseline.missingShare] : baseline.shares
      assert.deepEqual(counts[0], {
        bins: expected.map(share => Math.round(share * 5000)),
        missing: Math.round(baseline.missingShare * 5000) + 1,
      })
    }
  } finally {
    duck.close()
  }
})

test('a file like the training data is quiet, a shift is named after two windows', async t => {
  const dir = await home(t)
  const quiet = await drift(dir, { file: tableFile(dir, 'quiet.csv', 2000, 0), check: true })
  assert.equal(quiet.error, undefined)
  assert.equal(quiet.lines.length, POOL_NAMES.length)
  assert.ok(quiet.lines.every(line => line.above === false))
  const first = await drift(dir, { file: tableFile(dir, 'a.csv', 2000, 0.5), check: true })
  assert.equal(first.error, undefined)
  assert.deepEqual(
    [first.by.get('consecutiveGains')?.above, first.by.get('consecutiveGains')?.drifted],
    [true, false],
  )
  const again = await drift(dir, { file: join(dir, 'a.csv'), check: true })
  assert.equal(again.error, undefined, 'the same window counts once')
  const second = await drift(dir, { file: tableFile(dir, 'b.csv', 2000, 0.5), check: true })
  assert.ok(second.error instanceof Negative)
  assert.deepEqual(
    second.lines.filter(line => line.drifted).map(line => line.name),
    ['consecutiveGains'],
  )
})

test('rows of one token count once; too few tokens are not judged', async t => {
  const dir = await home(t)
  const file = tableFile(dir, 'few.csv', 2000, 3, 20)
  const few = await drift(dir, { file, group: 'token' })
  assert.ok(few.error instanceof TemporaryError)
  assert.match(String(few.error), /insufficient/)
  const more = await drift(dir, { file: tableFile(dir, 'more.csv', 6000, 3, 20), group: 'token' })
  assert.equal(more.lines[0]?.rows, 300)
})

test('a second file is the reference; a model without baselines asks for one', async t => {
  const dir = await home(t)
  const path = join(dir, 'models/moon/1/bundle.json')
  const { drift: _, ...bundle } = JSON.parse(readFileSync(path, 'utf8'))
  writeFileSync(path, JSON.stringify(bundle))
  const file = tableFile(dir, 'live.csv', 1000, 0.7)
  const without = await drift(dir, { file, model: ['moon'] })
  assert.ok(without.error instanceof UsageError && /--reference/.test(without.error.message))
  const found = await drift(dir, {
    file,
    model: ['moon'],
    reference: tableFile(dir, 'ref.csv', 4000, 0),
    running: 1,
  })
  assert.deepEqual(
    found.lines.filter(line => line.drifted).map(line => line.name),
    ['consecutiveGains'],
  )
})

function journalDay(dir: string, day: number, tokens: number, shift: number): void {
  const rng = makeRng(`day/${day}`)
  const journal = makeJournal({ home: dir, name: 'events', fsync: 1000, minFree: 0, recall: 0 })
  const lines = Array.from({ length: tokens * 3 }, (_, i) => {
    const values = Object.fromEntries(
      POOL_NAMES.map(name => [name, rng.normal() + (name === 'volumeSpike' ? shift : 0)]),
    )
    if (rng.next() < 0.1) delete values.priceChange3
    const n = day * DAY - 1_700_000_000_000 + i * 1000
    const line = poolLine(n, values)
    line.raw = line.raw.replace(/"mint":"[^"]*"/, `"mint":"T${i % tokens}"`)
    line.rec.mint = `T${i % tokens}`
    setPart(line, 'prediction', {
      moon: { version: '1', p: 1 / (1 + Math.exp(-6 * values.priceChange1!)) },
    })
    return line
  })
  void journal.batch?.(lines, () => undefined)
  void journal.close?.()
}

test(
  'windows of the database are complete days of event time, one row per token, kept as rows ' +
    'with an alert',
  async t => {
    const dir = await home(t)
    const start = 19_700
    journalDay(dir, start, 400, 0.8)
    journalDay(dir, start + 1, 400, 0.8)
    await sync({ home: dir })
    const first = await drift(dir)
    assert.equal(first.error, undefined)
    assert.equal(first.lines.length, POOL_NAMES.length + 1)
    const spike = first.by.get('volumeSpike')
    assert.deepEqual(
      [spike?.rows, spike?.ts, spike?.above, spike?.drifted],
      [400, (start + 1) * DAY, true, false],
    )
    assert.equal(first.by.get('p')?.scope, 'prediction')
    journalDay(dir, start + 2, 400, 0.8)
    const told = join(dir, 'told.ndjson')
    const second = await drift(dir, { check: true, alertCommand: `cat >> ${told}` })
    assert.match(readFileSync(told, 'utf8'), /"name":"drift"/)
    assert.ok(second.error instanceof Negative)
    assert.deepEqual(
      second.lines.filter(line => line.drifted).map(line => line.name),
      ['volumeSpike', 'p'],
    )
    assert.equal(second.by.get('priceChange1')?.above, false)
    const again = await drift(dir)
    assert.deepEqual(again.lines, second.lines, 'the same window gives the same rows')
    await sync({ home: dir })
    const duck = await openDuck(join(dir, 'sluice.duckdb'), { isReadOnly: true })
    try {
      const kept = await duck.rows(
        'SELECT count(*) AS n, count_if(drifted) AS drifted, count(js_distance) AS known FROM ' +
          'ml_drift_reports',
      )
      assert.deepEqual(kept, [
        { n: 2 * (POOL_NAMES.length + 1), drifted: 2, known: 2 * (POOL_NAMES.length + 1) },
      ])
      assert.deepEqual(await duck.rows('SELECT name, source FROM alerts'), [
        { name: 'drift', source: 'drift' },
      ])
    } finally {
      duck.close()
    }
    assert.ok(existsSync(join(dir, 'drift/moon.json')))
  },
)

test('windows are counted by name, and anew for another version', () => {
  const is = (above: boolean) => new Map([['x', above]])
  const one = countWindow(undefined, '1', 'a', is(true))
  assert.deepEqual(one.now, { x: 1 })
  assert.deepEqual(countWindow(one, '1', 'a', is(true)).now, { x: 1 })
  const two = countWindow(one, '1', 'b', is(true))
  assert.deepEqual(two.now, { x: 2 })
  assert.deepEqual(countWindow(two, '1', 'c', is(false)).now, { x: 0 })
  assert.deepEqual(countWindow(two, '2', 'c', is(true)).now, { x: 1 })
})
