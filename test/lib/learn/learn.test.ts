import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { TemporaryError, UsageError } from '../../../lib/base/errors.ts'
import { makeRng } from '../../../lib/base/rng.ts'
import { healthOf, standardOf } from '../../../lib/learn/degradation-guard.ts'
import { isDue, lastWeekly } from '../../../lib/learn/due.ts'
import { takeLease } from '../../../lib/learn/lease.ts'
import { BARS, deservesTrial, judge, judgeTrial } from '../../../lib/learn/promotion-judge.ts'
import { recipeOf } from '../../../lib/learn/recipe/recipe.ts'
import { openLoop } from '../../../lib/learn/retraining.ts'
import { databaseMatured } from '../../../lib/learn/rows/matured.ts'
import { lossesOf } from '../../../lib/maths/loss.ts'
import { readManifest } from '../../../lib/model/files.ts'
import { readAliases, writeAliases } from '../../../lib/model/registry.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { makeJournal } from '../../../lib/store/journal/journal.ts'
import { sync } from '../../../lib/store/tables/sync.ts'
import { makeLine, setPart } from '../../../lib/stream/line.ts'
import {
  fitFlags,
  laterFlags,
  NETWORK_THREADS,
  networkFlags,
  PATIENCE,
  type TrainFlags,
  tableFlags,
} from '../../../lib/train/train-flags.ts'
import { folder, makeModel, poolLine } from '../model/fixture.ts'

const HOUR = 3_600_000
const iso = (text: string): number => Date.parse(text)
const log = { info() {}, warn() {}, error() {} }

test('the week ends on Sunday at three', () => {
  // 2026-11-22 is a Sunday.
  assert.equal(lastWeekly(iso('2026-11-22T03:00Z')), iso('2026-11-22T03:00Z'))
  assert.equal(lastWeekly(iso('2026-11-22T02:59Z')), iso('2026-11-15T03:00Z'))
  assert.equal(lastWeekly(iso('2026-11-21T12:00Z')), iso('2026-11-15T03:00Z'))
})

test('triggers in their order, held back by cooldown and trial', () => {
  const rules = { rows: 1000, cooldown: 6 * HOUR }
  const at = iso('2026-11-18T12:00Z')
  const facts = {
    at,
    isManual: false,
    isDegraded: false,
    newRows: 999,
    trainedAt: at - 24 * HOUR,
    onTrial: false,
  }
  assert.equal(isDue(facts, rules).trigger, undefined)
  assert.equal(isDue({ ...facts, newRows: 1000 }, rules).trigger, 'rows')
  assert.equal(isDue({ ...facts, isDegraded: true, newRows: 1000 }, rules).trigger, 'degradation')
  assert.equal(isDue({ ...facts, trainedAt: iso('2026-11-15T02:59Z') }, rules).trigger, 'weekly')
  assert.equal(isDue({ ...facts, trainedAt: iso('2026-11-15T03:00Z') }, rules).trigger, undefined)
  assert.equal(isDue({ ...facts, trainedAt: undefined }, rules).trigger, 'weekly')
  const cooling = { ...facts, isDegraded: true, newRows: 5000, trainedAt: at - 5 * HOUR }
  assert.match(
    (isDue(cooling, rules) as { reason: string }).reason,
    /cooldown until 2026-11-18T13:00Z/,
  )
  assert.equal(isDue({ ...cooling, isManual: true }, rules).trigger, 'manual')
  assert.equal(isDue({ ...facts, newRows: 5000, onTrial: true }, rules).trigger, undefined)
})

/** Outcomes by the true probability, told by two models that shift it on the logit scale. */
function paired(rows: number, noise: [number, number], seed: string) {
  const rng = makeRng(seed)
  const z = Array.from({ length: rows }, () => 1.5 * rng.normal())
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
  const label = Float64Array.from(z, x => (rng.next() < sigmoid(x) ? 1 : 0))
  const told = (by: number): Float64Array =>
    Float64Array.from(z, x => sigmoid(x + by * rng.normal()))
  return {
    aim: 'binary' as const,
    labels: [label],
    champion: [told(noise[0])],
    challenger: [told(noise[1])],
  }
}

const BAR = { ...BARS, acceptUnderpowered: false }

test('a challenger goes on trial when it is better by enough and not by chance', () => {
  const better = judge(paired(2000, [1.5, 0], 'a'), 0.5, 's')
  assert.ok(better.gain > 0.05 && deservesTrial(better, BAR).yes, JSON.stringify(better))
  assert.equal(
    deservesTrial(judge(paired(2000, [0, 1.5], 'a'), 0.5, 's'), BAR).reason,
    'worse than production',
  )
  const few = judge(paired(160, [0.5, 0], 'b'), 0.5, 's')
  assert.match(
    deservesTrial(few, BAR).reason,
    /^underpowered: .* a gain of 5 % is seen on 160 tokens/,
  )
  const accepted = { ...BAR, acceptUnderpowered: true }
  assert.equal(deservesTrial({ ...few, gain: 0.06 }, accepted).yes, true)
  assert.equal(deservesTrial({ ...few, gain: 0.04 }, accepted).yes, false)
  assert.match(deservesTrial({ ...better, rows: 99 }, BAR).reason, /^99 of 100 later tokens/)
  const little = judge(paired(20_000, [0.5, 0], 'c'), 0.5, 's')
  assert.ok(little.verdict === 'better' && little.gain < 0.05, JSON.stringify(little))
  assert.equal(deservesTrial(little, BAR).reason, 'better by too little')
  assert.equal(
    deservesTrial({ ...better, onlyFirst: 3, onlySecond: 12, mcnemarP: 0.035 }, BAR).yes,
    false,
  )
  // Equal models: no more than chance allows go on trial.
  const wrong = Array.from({ length: 100 }, (_, k) =>
    judge(paired(300, [0.5, 0.5], `n${k}`), 0.5, 's'),
  )
  assert.ok(wrong.filter(found => deservesTrial(found, BAR).yes).length <= 6)
})

test('a trial ends when it is shown, and does not last for ever', () => {
  const rules = {
    trial: 24 * HOUR,
    trialRows: 100,
    trialMost: 14 * 24 * HOUR,
    alpha: 0.05,
    acceptUnderpowered: false,
  }
  const good = judge(paired(400, [2, 0], 'g'), 0.5, 's')
  const even = judge(paired(400, [0.3, 0], 'g'), 0.5, 's')
  const bad = judge(paired(400, [0, 2], 'g'), 0.5, 's')
  const end = (found: typeof good | undefined, spanMs: number, ageMs: number, more = {}): string =>
    judgeTrial({ found, spanMs, ageMs }, { ...rules, ...more }).end
  assert.ok(good.gain > 0 && even.gain > 0)
  assert.equal(end(good, 24 * HOUR, 30 * HOUR), 'promote')
  assert.equal(end(good, 23 * HOUR, 30 * HOUR), 'wait')
  assert.equal(end({ ...good, rows: 99 }, 48 * HOUR, 48 * HOUR), 'wait')
  // Ahead, but no more than chance makes: never by itself.
  assert.equal(end(even, 48 * HOUR, 48 * HOUR), 'wait')
  assert.equal(end(even, 48 * HOUR, 15 * 24 * HOUR), 'retire')
  assert.equal(end(even, 48 * HOUR, 48 * HOUR, { acceptUnderpowered: true }), 'promote')
  assert.equal(end(bad, HOUR, HOUR), 'retire')
  assert.equal(end({ ...bad, rows: 99 }, HOUR, HOUR, { acceptUnderpowered: true }), 'wait')
  assert.equal(end(undefined, 0, 15 * 24 * HOUR), 'retire')
})

test('looking every hour promotes no more that is no better than it says', () => {
  const rules = {
    trial: 0,
    trialRows: 100,
    trialMost: 1e15,
    alpha: 0.05,
    acceptUnderpowered: false,
  }
  let promoted = 0
  const trials = 400
  for (let k = 0; k < trials; k++) {
    // Both are as far off: in a third of the tokens one of them, by up to a half.
    const rng = makeRng(`null/${k}`)
    const gaps = Float64Array.from({ length: 1000 }, () =>
      rng.next() < 1 / 3 ? rng.next() - 0.5 : 0,
    )
    // 25 tokens mature in an hour.
    for (let rows = 25; rows <= 1000; rows += 25) {
      const found = { gaps: gaps.subarray(0, rows), rows, gain: 0 } as never
      const { end } = judgeTrial({ found, spanMs: 1, ageMs: 1 }, rules)
      if (end === 'wait') continue
      promoted += Number(end === 'promote')
      break
    }
  }
  // A z-test at 5 % looked at so often would promote 13 % of them and more (Armitage, McPherson &
  // Rowe 1969, table 2: five looks 14 %, two-sided). Here 5 % at most, and three sigma.
  assert.ok(promoted / trials <= 0.05 + 3 * Math.sqrt((0.05 * 0.95) / trials), `${promoted}`)
})

test('the guard does not fire by chance, and does when predictions are upside down', () => {
  const test = paired(2000, [0, 0], 'test')
  const errors = test.labels[0]!.map((y, i) => (y - test.champion[0]![i]!) ** 2)
  const mean = errors.reduce((sum, e) => sum + e, 0) / 2000
  const standard = {
    lossHigh: mean + (1.96 * Math.sqrt(errors.reduce((sum, e) => sum + (e - mean) ** 2, 0))) / 2000,
    accuracyLow: 0.7,
  }
  let fired = 0
  for (let k = 0; k < 200; k++) {
    const { aim, labels, champion } = paired(150, [0, 0], `guard/${k}`)
    if (healthOf(lossesOf(aim, labels, champion), aim, standard)?.isDegraded) fired++
  }
  assert.ok(fired <= 2, `${fired} of 200`)
  const { aim, labels, champion } = paired(150, [0, 0], 'upside')
  const upside = champion.map(column => column.map(p => 1 - p))
  assert.equal(healthOf(lossesOf(aim, labels, upside), aim, standard)?.isDegraded, true)
  const few = (columns: readonly Float64Array[]) => columns.map(column => column.subarray(0, 99))
  assert.equal(healthOf(lossesOf(aim, few(labels), few(champion)), aim, standard), undefined)
})

test('a lease ends with its time or its process, and its holder knows', t => {
  const path = join(folder(t), 'moon.lease')
  let now = 1000
  const first = takeLease(path, 500, () => now)
  assert.throws(() => takeLease(path, 500, () => now), TemporaryError)
  now = 1500
  const second = takeLease(path, 500, () => now)
  assert.deepEqual([first.isMine(), second.isMine()], [false, true])
  first.release()
  assert.ok(existsSync(path), 'a lost lease must not end that of another')
  second.release()
  assert.ok(!existsSync(path))
  writeFileSync(path, `${JSON.stringify({ pid: 2 ** 22 + 1, start: 'gone', until: 9e12 })}\n`)
  takeLease(path, 500, () => now).release()
})

async function production(t: { after(fn: () => void): void }) {
  const home = folder(t)
  const root = join(home, 'models')
  for (const version of ['1', '2'])
    await makeModel(root, 'moon', version, { seed: Number(version) })
  const dir = join(root, 'moon')
  writeAliases(dir, {
    at: 0,
    action: 'alias',
    reason: 'test',
    before: {},
    after: { production: '1', shadow: '2' },
  })
  const lines: Record<string, unknown>[] = []
  const lease = { isMine: () => true, release() {} }
  const out = { write: async (text: string) => void lines.push(JSON.parse(text)) }
  return {
    home,
    dir,
    lines,
    options: { home, models: root, model: 'moon', at: 5, lease, out, log },
  }
}

test('a change that was killed halfway is made again, once', async t => {
  const { home, dir, options } = await production(t)
  const loop = await openLoop(options)
  const after = { production: '2', previous: '1' }
  const row = {
    id: 'promotion:moon:5:promote',
    ts: 5,
    model: 'moon',
    action: 'promote',
    from: '1',
    to: '2',
    by: 'retrain',
    reason: 'r',
    metrics: { rows: 7 },
  }
  // Killed after the intention was on disk, and again after the row was.
  for (let i = 0; i < 2; i++) {
    loop.remember({ pending: { row, after } })
    await openLoop(options)
    assert.deepEqual(readAliases(dir), after)
  }
  assert.equal(readFileSync(join(dir, 'history.ndjson'), 'utf8').trim().split('\n').length, 2)
  await sync({ home })
  const { openDuck } = await import('../../../lib/store/duck/duck.ts')
  const duck = await openDuck(join(home, 'sluice.duckdb'), { isReadOnly: true })
  const rows = await duck.rows('SELECT "from", "to", action FROM promotions')
  duck.close()
  assert.deepEqual(rows, [{ from: '1', to: '2', action: 'promote' }])
})

test('who has lost the lease changes nothing', async t => {
  const { dir, options } = await production(t)
  const loop = await openLoop({ ...options, lease: { isMine: () => false, release() {} } })
  await assert.rejects(loop.change('promote', { production: '2' }, 'r', {}), TemporaryError)
  assert.equal(readAliases(dir).production, '1')
})

test('a model without production is refused with the remedy', async t => {
  const { options } = await production(t)
  await assert.rejects(
    openLoop({ ...options, model: 'none' }),
    (error: Error) => error instanceof UsageError && /models promote/.test(error.message),
  )
})

test('the recipe is that of the version in production', async t => {
  const { dir } = await production(t)
  const bundle = readManifest(join(dir, '1'))
  const data = { label: undefined, time: undefined, group: undefined, horizon: 0, embargo: 0 }
  const { rounds, leaves, algo, head, features, label } = recipeOf(bundle, data, 'x') as TrainFlags
  assert.deepEqual(
    { rounds, leaves, algo, head, label },
    { rounds: 20, leaves: 7, algo: 'gbdt', head: 'p', label: bundle.data.label },
  )
  assert.deepEqual(features, ['priceChange1', 'priceChange3', 'consecutiveGains', 'volumeSpike'])
  assert.throws(
    () => recipeOf({ ...bundle, algorithm: { name: 'bilstm', settings: {} } }, data, 'x'),
    UsageError,
  )
  assert.ok((standardOf(bundle.metrics)?.lossHigh ?? 0) > 0)
})

test('what a bundle does not say is as train has it when nothing is said', async t => {
  const { dir } = await production(t)
  const made = readManifest(join(dir, '1'))
  const data = { label: undefined, time: undefined, group: undefined, horizon: 0, embargo: 0 }
  const bare = (name: string) => {
    const bundle = { ...made, algorithm: { name, settings: {} } }
    return recipeOf(bundle, data, 'x') as unknown as Record<string, unknown>
  }
  /** What follows from the bundle or the call, not from a default. */
  const own = 'net algo kind features set label head prices seed threshold calibrate out note'
  const compared = (flags: Record<string, { default?: unknown }>): [string, unknown][] =>
    Object.entries(flags)
      .filter(([name]) => !own.split(' ').includes(name))
      .map(([name, flag]) => [name, flag.default])
  for (const algo of ['gbdt', 'forest', 'logistic'])
    for (const [name, fallback] of compared({ ...tableFlags, ...fitFlags, ...laterFlags }))
      assert.deepEqual(bare(algo)[name], fallback, `${algo}: ${name}`)
  const network = bare('network small')
  for (const [name, fallback] of compared(networkFlags))
    assert.deepEqual(network[name], fallback, `network: ${name}`)
  assert.deepEqual([network.patience, network.threads], [PATIENCE.epochs, NETWORK_THREADS])
})

test('matured predictions of production and trial: from the database, one per token', async t => {
  const { home, dir } = await production(t)
  const journal = makeJournal({ home, name: 'decisions', fsync: 1000, minFree: 0, recall: 0 })
  const lines = Array.from({ length: 40 }, (_, i) => {
    const line = poolLine(i, {})
    line.rec.mint = `T${i % 10}`
    line.raw = line.raw.replace(/"mint":"[^"]*"/, `"mint":"T${i % 10}"`)
    setPart(line, 'prediction', {
      moon: i === 0 ? { version: '1', error: 'timeout' } : { version: '1', p: 0.25 },
    })
    if (i % 2 === 0) setPart(line, 'shadow', { moon: { version: '2', p: 0.75 } })
    return line
  })
  const labels = lines.slice(0, 30).map(({ rec }, i) => {
    const { v, id, ts, kind, mint, source } = rec
    const label = { horizon: 'n10', willMoon: i % 3 === 0, censored: false, availableAt: ts + 1000 }
    return makeLine({ v, id, ts, kind, mint, source, label } as Rec)
  })
  void journal.batch?.([...lines, ...labels], () => undefined)
  void journal.close?.()
  await sync({ home })
  const bundle = readManifest(join(dir, '1'))
  const matured = databaseMatured(home)
  const alone = (await matured(bundle, undefined)) ?? []
  assert.equal(alone.length, 10)
  assert.equal(new Set(alone.map(row => row.mint)).size, 10)
  assert.ok(
    alone.every(
      row =>
        row.said[0] === 0.25 && row.shadow === undefined && (row.label === 0 || row.label === 1),
    ),
  )
  const both = (await matured(bundle, '2')) ?? []
  assert.equal(both.length, 5, 'only even lines were asked on trial')
  assert.ok(both.every(row => row.said[0] === 0.25 && row.shadow?.[0] === 0.75))
  assert.deepEqual(await matured(bundle, '3'), [])
})
