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

test('a file like the training data is quiet, a shift of a quarter σ is named at once', async t => {
  const dir = await home(t)
  const quiet = await drift(dir, { file: tableFile(dir, 'quiet.csv', 2000, 0), check: true })
  assert.equal(quiet.error, undefined)
  assert.equal(quiet.lines.length, POOL_NAMES.length)
  assert.ok(quiet.lines.every(line => line.above === false && line.verdict === 'quiet'))
  const found = await drift(dir, { file: tableFile(dir, 'a.csv', 2000, 0.25), check: true })
  assert.ok(found.error instanceof Negative)
  assert.deepEqual(
    found.lines.filter(line => line.drifted).map(line => line.name),
    ['consecutiveGains'],
  )
  const row = found.by.get('consecutiveGains')!
  assert.ok(Math.abs(Number(row.shift) - 0.25) < 0.08, `${row.shift}`)
  // What matters to the model comes from its bundle; all features together are the whole.
  const importance = found.lines.map(line => Number(line.importance))
  assert.ok(Math.abs(importance.reduce((sum, each) => sum + each, 0) - 1) < 1e-9)
  assert.equal(row.impact, Number(row.importance) * Number(row.jsDistance))
})

test('--running asks for more windows in a row, the same one counts once', async t => {
  const dir = await home(t)
  const see = (name: string) =>
    drift(dir, { file: tableFile(dir, name, 2000, 0.5), check: true, running: 2 })
  const first = await see('a.csv')
  assert.equal(first.error, undefined)
  assert.deepEqual(
    [first.by.get('consecutiveGains')?.above, first.by.get('consecutiveGains')?.drifted],
    [true, false],
  )
  const again = await drift(dir, { file: join(dir, 'a.csv'), check: true, running: 2 })
  assert.equal(again.error, undefined, 'the same window counts once')
  assert.ok((await see('b.csv')).error instanceof Negative)
})

test('rows of one token count once, also where nobody names the column of tokens', async t => {
  const dir = await home(t)
  const told: string[] = []
  const log: Log = { ...silent, warn: text => void told.push(text) }
  const file = tableFile(dir, 'few.csv', 2000, 3, 20)
  const few = await drift(dir, { file, log })
  assert.equal(few.lines[0]?.rows, 100, 'a small universe is judged')
  assert.equal(few.by.get('consecutiveGains')?.drifted, true)
  assert.match(told.join('\n'), /column token is taken for the token/)
  const less = await drift(dir, { file: tableFile(dir, 'less.csv', 70, 3, 10), group: 'token' })
  assert.ok(less.error instanceof TemporaryError)
  assert.match(String(less.error), /insufficient/)
  assert.ok(less.lines.every(line => line.verdict === 'insufficient' && line.drifted === false))
})

test('without any column of tokens, neighbours that are alike count for less', async t => {
  const dir = await home(t)
  const rng = makeRng('alike')
  const told: string[] = []
  const log: Log = { ...silent, warn: text => void told.push(text) }
  let alarms = 0
  for (let run = 0; run < 12; run++) {
    // 60 tokens of 20 rows each that hardly differ; nothing has drifted.
    const text = Array.from({ length: 60 }, () => {
      const level = POOL_NAMES.map(() => rng.normal())
      return Array.from({ length: 20 }, () => level.map(x => x + 0.1 * rng.normal()).join(','))
    })
    const file = join(dir, `alike${run}.csv`)
    writeFileSync(file, `${POOL_NAMES.join(',')}\n${text.flat().join('\n')}\n`)
    const { lines } = await drift(dir, { file, log })
    if (lines.some(line => line.drifted && line.name !== 'priceChange3')) alarms++
  }
  assert.equal(alarms, 0)
  assert.match(told[0] ?? '', /no column of tokens is seen/)
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

test('times and decimals of a table are read by the rule of all tables', async t => {
  const dir = await home(t)
  const text = readFileSync(tableFile(dir, 'plain.csv', 1000, 0), 'utf8')
    .trimEnd()
    .split('\n')
  const [head, ...rows] = text
  const file = join(dir, 'local.csv')
  const local = rows.map(
    (row, i) =>
      `${row.replaceAll(',', ';').replaceAll('.', ',')};01/03/2024 10:00:${10 + (i % 50)}`,
  )
  writeFileSync(file, [`${head!.replaceAll(',', ';')};ts`, ...local, ''].join('\n'))
  const unclear = await drift(dir, { file, decimal: ',' })
  assert.match(String(unclear.error), /may be day or month first: say --time-format/)
  const found = await drift(dir, { file, decimal: ',', timeFormat: 'dmy', timeZone: '+02:00' })
  assert.equal(found.error, undefined)
  const { fromAt, untilAt, drifted, rows: seen } = found.lines[0] as Record<string, unknown>
  const at = Date.UTC(2024, 2, 1, 8, 0, 10)
  assert.deepEqual([fromAt, untilAt, drifted, seen], [at, at + 49_000, false, 1000])
})

const HOUR = 3_600_000

/** Hours of lines, in which so many new tokens come each hour and are seen three times. */
function journalHours(
  dir: string,
  from: number,
  hours: number,
  { perHour, shift, known }: { perHour: number; shift: number; known?: boolean },
): void {
  const rng = makeRng(`hours/${from}`)
  const journal = makeJournal({ home: dir, name: 'events', fsync: 1000, minFree: 0, recall: 0 })
  const lines = Array.from({ length: hours * perHour }, (_, i) => i).flatMap(i =>
    [0, 1, 2].map(time => {
      const values = Object.fromEntries(
        POOL_NAMES.map(name => [name, rng.normal() + (name === 'volumeSpike' ? shift : 0)]),
      )
      if (rng.next() < 0.1) delete values.priceChange3
      const at = from + (i / perHour) * HOUR + time * 61_000
      const line = poolLine(at - 1_700_000_000_000, values)
      const mint = known === true ? `T${i % perHour}` : `T${from}x${i}`
      line.raw = line.raw.replace(/"mint":"[^"]*"/, `"mint":"${mint}"`)
      line.rec.mint = mint
      setPart(line, 'prediction', {
        moon: { version: '1', p: 1 / (1 + Math.exp(-6 * values.priceChange1!)) },
      })
      return line
    }),
  )
  lines.sort((a, b) => a.rec.ts - b.rec.ts)
  void journal.batch?.(lines, () => undefined)
  void journal.close?.()
}

const START = 19_700 * DAY

test('drift among tokens that come is told within hours, and kept as rows', async t => {
  const dir = await home(t)
  journalHours(dir, START, 4, { perHour: 100, shift: 0 })
  await sync({ home: dir })
  const quiet = await drift(dir)
  assert.equal(quiet.error, undefined)
  assert.equal(quiet.lines.length, POOL_NAMES.length + 1)
  const before = quiet.by.get('volumeSpike')!
  // Tokens of the first hour were there before the lines began; the last slot is not over yet.
  assert.deepEqual(
    [before.verdict, before.rows, Number(before.tokens) >= 290 && Number(before.tokens) <= 300],
    ['quiet', 0, true],
  )
  assert.equal(quiet.by.get('priceChange1')?.drifted, false)
  journalHours(dir, START + 4 * HOUR, 1, { perHour: 100, shift: 1 })
  const told = join(dir, 'told.ndjson')
  const found = await drift(dir, { check: true, alertCommand: `cat >> ${told}` })
  assert.ok(found.error instanceof Negative)
  const row = found.by.get('volumeSpike')!
  assert.equal(row.verdict, 'drifted')
  assert.ok(Number(row.evidence) > Number(row.evidenceLimit))
  assert.ok(Number(row.sinceAt) > START + 4 * HOUR && Number(row.sinceAt) < START + 5 * HOUR)
  assert.ok(Number(row.recentShift) > 0.5, `${row.recentShift}`)
  assert.equal(found.by.get('priceChange1')?.drifted, false)
  const text = readFileSync(told, 'utf8')
  assert.match(text, /"name":"drift"/)
  assert.match(text, /volumeSpike \(\+0\.\d\d σ, \d+ % of the model\)|volumeSpike \(\+1/)
  const again = await drift(dir)
  assert.deepEqual(again.lines, found.lines, 'the same tokens give the same rows')
  await sync({ home: dir })
  const duck = await openDuck(join(dir, 'sluice.duckdb'), { isReadOnly: true })
  try {
    // Rows are there whether or not there was an alarm.
    const n = POOL_NAMES.length + 1
    const kept = await duck.rows(
      "SELECT verdict, count(*) > 1 AS many FROM ml_drift_reports WHERE name = 'volumeSpike' " +
        'GROUP BY ALL ORDER BY verdict',
    )
    assert.deepEqual(
      kept.map(({ verdict }) => verdict),
      ['drifted', 'quiet'],
    )
    assert.deepEqual(await duck.rows('SELECT count(*) AS n FROM ml_drift_reports'), [{ n: 2 * n }])
    assert.deepEqual(await duck.rows('SELECT DISTINCT name, source FROM alerts'), [
      { name: 'drift', source: 'drift' },
    ])
  } finally {
    duck.close()
  }
  assert.ok(existsSync(join(dir, 'drift/moon.json')))
})

test('thirty tokens that stay are judged by the newest day, one row each', async t => {
  const dir = await home(t)
  journalHours(dir, START, 24, { perHour: 30, shift: 0, known: true })
  await sync({ home: dir })
  const quiet = await drift(dir)
  assert.deepEqual(
    [quiet.by.get('volumeSpike')?.rows, quiet.by.get('volumeSpike')?.verdict],
    [30, 'quiet'],
  )
  journalHours(dir, START + 24 * HOUR, 24, { perHour: 30, shift: 2, known: true })
  const found = await drift(dir, { check: true })
  assert.ok(found.error instanceof Negative)
  const row = found.by.get('volumeSpike')!
  assert.deepEqual([row.rows, row.above, row.verdict], [30, true, 'drifted'])
  assert.ok(Number(row.pValue) < Number(row.pLimit))
})

test('before there is a line, and before there is a day, what is missing is said', async t => {
  const dir = await home(t)
  const told: string[] = []
  const log: Log = { ...silent, warn: text => void told.push(text) }
  journalHours(dir, START, 1, { perHour: 30, shift: 0 })
  await sync({ home: dir })
  const early = await drift(dir, { log })
  assert.ok(early.error instanceof TemporaryError)
  assert.ok(early.lines.every(line => line.verdict === 'insufficient'))
  assert.match(told.join('\n'), /lines reach back [01]\.\d h of a window of 24 h/)
})

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
