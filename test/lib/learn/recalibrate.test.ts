import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Negative, UsageError } from '../../../lib/base/errors.ts'
import { makeRng } from '../../../lib/base/rng.ts'
import { runRecalibrate } from '../../../lib/learn/recalibrate/run-recalibrate.ts'
import { readBundle, readManifest } from '../../../lib/model/files.ts'
import { folder, makeModel, POOL_NAMES } from '../model/fixture.ts'

/** The rows of the fixture end before it; in them p = σ(2·first column). */
const LATER = Date.UTC(2026, 0, 1)

/** Rows after the training of the fixture whose label is 1 with σ(2·first column + shift). */
function rowsOf(path: string, shift: number, count = 3000): void {
  const rng = makeRng(`recalibrate/${shift}`)
  const lines = Array.from({ length: count }, (_, i) => {
    const values = POOL_NAMES.map(() => rng.normal())
    const y = rng.next() < 1 / (1 + Math.exp(-2 * values[0]! - shift)) ? 1 : 0
    return [new Date(LATER + i * 60_000).toISOString(), `m${i % 300}`, ...values, y].join(',')
  })
  writeFileSync(path, `when,mint,${POOL_NAMES.join(',')},came\n${lines.join('\n')}\n`)
}

const said: string[] = []
const log = {
  info: (text: string) => said.push(text),
  warn: (text: string) => said.push(text),
  error() {},
}
const asked = (home: string, rows: string, more = {}) => ({
  rows,
  label: 'came',
  time: 'when',
  group: 'mint',
  horizon: 3_600_000,
  timeFormat: undefined,
  timeZone: undefined,
  decimal: '.' as const,
  out: undefined,
  models: undefined,
  home,
  log: log as never,
  ...more,
})

test('a model that says too much where it is served is written anew if rows agree', async t => {
  const home = folder(t)
  await makeModel(join(home, 'models'), 'moon', '1')
  const rows = join(home, 'rows.csv')
  rowsOf(rows, -2)
  const { bundle, dir, judged } = await runRecalibrate('moon@1', asked(home, rows))
  assert.equal(dir, join(home, 'models/moon/1-calibrated'))
  assert.deepEqual(readManifest(dir), bundle)
  // Half of the rows less an hour fit, the later half judges; a minute lies between two rows.
  assert.equal(judged.fitted.rows, 1500 - 60)
  assert.equal(judged.tested.from! - judged.fitted.to!, 61 * 60_000)
  const mean = (values: Float64Array) => values.reduce((sum, x) => sum + x, 0) / values.length
  const happened = mean(judged.label)
  assert.ok(mean(judged.before) > happened + 0.15, `${mean(judged.before)} ${happened}`)
  assert.ok(Math.abs(mean(judged.after) - happened) < 0.04, `${mean(judged.after)} ${happened}`)
  assert.ok(judged.comparison.brierHigh! < 0)
  const value = (name: string) => bundle.metrics.find(at => at.part === 'test' && at.name === name)!
  const brier = (p: Float64Array) => mean(p.map((x, i) => (x - judged.label[i]!) ** 2))
  assert.ok(Math.abs(value('brier').value - brier(judged.after)) < 1e-12)
  assert.ok(Math.abs(value('brier before recalibration').value - brier(judged.before)) < 1e-12)
  // Figures of the version before are gone; periods come first, and the table says what happened.
  assert.deepEqual(
    [...new Set(bundle.metrics.map(({ part }) => part))],
    ['period1', 'period2', 'period3', 'period4', 'test'],
  )
  assert.equal(
    bundle.reliability!.reduce((sum, bin) => sum + bin.rows, 0),
    1500,
  )
  // The same rows say yes: the curve rises, and the threshold went along it.
  const [from, to] = [readManifest(join(home, 'models/moon/1')), bundle].map(
    b => b.heads[0]!.threshold!,
  )
  const yes = (p: Float64Array, limit: number) => p.filter(x => x >= limit).length
  assert.ok(Math.abs(yes(judged.before, from!) - yes(judged.after, to!)) <= 1)
  assert.equal(readBundle(dir).bundle.heads[0]!.calibration, 'isotonic')
  // A second time there is nothing left to learn, and the rows of the fit are left out.
  await assert.rejects(runRecalibrate('moon@1-calibrated', asked(home, rows)), Negative)
  assert.match(said.join('\n'), /1440 of 3000 rows are of the time that the model learned from/)
})

test('one that is right is left as it is, and what has no probability is refused', async t => {
  const home = folder(t)
  await makeModel(join(home, 'models'), 'moon', '1')
  const rows = join(home, 'rows.csv')
  rowsOf(rows, 0)
  await assert.rejects(runRecalibrate('moon@1', asked(home, rows)), Negative)
  await assert.rejects(runRecalibrate('moon@1', asked(home, rows, { time: undefined })), UsageError)
  rowsOf(rows, -2, 40)
  await assert.rejects(runRecalibrate('moon@1', asked(home, rows, { horizon: 0 })), /at least 10/)
})
