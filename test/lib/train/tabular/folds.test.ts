import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { defaultsOf } from '../../../../lib/base/flags.ts'
import { makeRng } from '../../../../lib/base/rng.ts'
import { measurePaths } from '../../../../lib/train/tabular/folds.ts'
import { readJob, runTrain } from '../../../../lib/train/tabular/run-train.ts'
import { type TrainFlags, trainFlags } from '../../../../lib/train/train-flags.ts'
import { folder } from '../../model/fixture.ts'

const flags = (more: Partial<TrainFlags>): TrainFlags =>
  ({ ...defaultsOf(trainFlags), ...more }) as TrainFlags
/** Seconds of a row’s time. */
const T0 = 1_700_000_000
const log = { info() {}, warn() {}, error() {} }

test('what --folds takes: a number, cpcv, or its groups', () => {
  const { parse } = trainFlags.folds
  assert.equal(parse('5'), 5)
  assert.deepEqual(parse('cpcv'), { groups: 6, tested: 2 })
  assert.deepEqual(parse('cpcv:10,3'), { groups: 10, tested: 3 })
  for (const [text, expected] of [
    ['cpcv:4,4', /1 to GROUPS − 1 tested/],
    ['cpcv:4,0', /1 to GROUPS − 1 tested/],
    ['cpcv:21,1', /at most 20/],
    ['cpcv:12,6', /at most 120 splits/],
    ['cpcv:6', /a whole number from 0 to 50/],
    ['nope', /50, cpcv, or cpcv:GROUPS,TESTED/],
    ['51', /a whole number from 0 to 50/],
  ] as const)
    assert.throws(() => parse(text), expected, text)
})

/** The rows of four groups whose label is 10, 20, 30 and 40, with a feature too rare for a leaf. */
function steps(path: string): string {
  const rows = Array.from(
    { length: 80 },
    (_, i) => `${T0 + i},${i === 0 ? 2 : 1},${10 * (1 + Math.floor(i / 20))}`,
  )
  writeFileSync(path, `t,x,y\n${rows.join('\n')}\n`)
  return path
}

test('paths are put together from the right models: four groups, two tested, by hand', async t => {
  const asked = { kind: 'sequence', head: 'maxProfit', label: 'y', time: 't', valid: 0 } as const
  const file = steps(join(folder(t), 'a.csv'))
  const options = await readJob(file, flags({ ...asked, features: ['x'] }), log)
  const metrics = measurePaths(options, { groups: 4, tested: 2 })
  const at = (part: string, name: string) =>
    metrics.find(metric => metric.part === part && metric.name === name)?.value
  assert.deepEqual([at('paths', 'splits'), at('paths', 'paths')], [6, 3])
  // Without a leaf to split a model says the mean of what it learned. Splits 12 13 14 23 24 34;
  // path 1 takes 12 12 13 14 and says 35 35 30 25 of 10 20 30 40: errors 25 15 0 15. Path 2 takes
  // 13 23 23 24, says 30 25 25 20: errors 20 5 5 20. Path 3 takes 14 24 34 34, says 25 20 15
  // 15: errors 15 0 15 25.
  const [rough, fine] = [Math.sqrt((625 + 225 + 0 + 225) / 4), Math.sqrt((400 + 25 + 25 + 400) / 4)]
  const wanted = {
    path1: { rmse: rough },
    path2: { rmse: fine },
    path3: { rmse: rough },
    paths: {
      'rmse mean': (2 * rough + fine) / 3,
      // Of x, y, x the deviation with n − 1 is |x − y| / √3.
      'rmse deviation': (rough - fine) / Math.sqrt(3),
      'rmse lowest': fine,
      'rmse highest': rough,
    },
  }
  for (const [part, figures] of Object.entries(wanted))
    for (const [name, value] of Object.entries(figures))
      assert.ok(Math.abs((at(part, name) ?? 0) - value) < 1e-6, `${part} ${name} ${at(part, name)}`)
})

test('a split that purging leaves nothing to learn from is refused by number', async t => {
  const asked = { kind: 'sequence', head: 'maxProfit', label: 'y', time: 't', valid: 0 } as const
  const file = steps(join(folder(t), 'a.csv'))
  const options = await readJob(file, flags({ ...asked, features: ['x'], horizon: 60_000 }), log)
  assert.throws(() => measurePaths(options, { groups: 4, tested: 2 }), {
    code: 3,
    message: /split 1 of 6 has no rows to learn from after purging/,
  })
})

test('train --folds cpcv prints a path a part and their spread, and the card tells it', async t => {
  const dir = folder(t)
  const rng = makeRng('cpcv')
  const rows = Array.from({ length: 300 }, (_, i) => {
    const x = rng.normal()
    return `${T0 + i},${x},${x + rng.normal() > 0 ? 1 : 0}`
  })
  const file = join(dir, 'a.csv')
  writeFileSync(file, `t,x,y\n${rows.join('\n')}\n`)
  const lines: { part?: string; name: string; value: number }[] = []
  const out = join(dir, 'moon', '1')
  await runTrain(
    file,
    flags({
      kind: 'moon',
      label: 'y',
      time: 't',
      features: ['x'],
      algo: 'logistic',
      folds: trainFlags.folds.parse('cpcv'),
      out,
    }),
    { out: { write: async text => void lines.push(JSON.parse(text)) }, log: log as never },
  )
  const at = (part: string, name: string) =>
    lines.find(line => line.part === part && line.name === name)?.value
  const aucs = [1, 2, 3, 4, 5].map(p => at(`path${p}`, 'auc')!)
  assert.equal(at('path6', 'auc'), undefined)
  assert.deepEqual([at('paths', 'splits'), at('paths', 'paths')], [15, 5])
  assert.equal(at('paths', 'auc lowest'), Math.min(...aucs))
  assert.equal(at('paths', 'auc highest'), Math.max(...aucs))
  const card = readFileSync(join(out, 'CARD.md'), 'utf8')
  assert.match(card, /\| p \| auc \| [\d.]+ to [\d.]+ \| path1 [\d.]+, path2 .*path5/)
})
