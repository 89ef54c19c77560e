import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeRng } from '../../../lib/base/rng.ts'
import { rowHash, seenShare, sketchOf } from '../../../lib/model/seen-rows.ts'
import { makeHome, sluice } from '../../kit/proc.ts'

/** From a table of one's own to production, and what is said where that cannot be. */

/** Rows with columns that no feature set has; the label hangs on the first. */
function tableOf(rows: number, seed: string): string {
  const rng = makeRng(seed)
  const lines = Array.from({ length: rows }, (_, i) => {
    const values = [rng.next(), rng.next(), rng.next()]
    const y = rng.next() < 0.2 + 0.6 * values[0]! ? 1 : 0
    return [1_700_000_000_000 + i * 60_000, `m${i % 200}`, ...values, y].join(',')
  })
  return `ts,mint,a,b,c,y\n${lines.join('\n')}\n`
}

const TRAIN = ['--label', 'y', '--time', 'ts', '--group', 'mint', '--kind', 'moon', '--rounds', '5']

test('a model of columns that no set has says so wherever predict would', async t => {
  const home = makeHome(t)
  const file = join(home, 'own.csv')
  writeFileSync(file, tableOf(1500, 'own'))
  const reason = /reads a@1:number, which set pool does not have; predict --table FILE scores rows/
  const trained = await sluice(['train', file, ...TRAIN, '--out', 'own@1'], { home })
  assert.equal(trained.code, 0, trained.stderr)
  assert.match(trained.stderr, reason)

  const promoted = await sluice(['models', 'promote', 'own@1'], { home })
  assert.equal(promoted.code, 2)
  assert.match(promoted.stderr, reason)
  for (const use of ['production', 'shadow'])
    assert.equal((await sluice(['models', 'alias', 'own@1', use], { home })).code, 2)

  const verified = await sluice(['models', 'verify', 'own@1'], { home })
  assert.equal(verified.code, 1)
  const { verified: isSame, served, reason: why } = JSON.parse(verified.stdout)
  assert.deepEqual([isSame, served], [true, false])
  assert.match(why, reason)

  // Whatever put it to use: an older version of the program, or a hand.
  writeFileSync(join(home, 'models/own/aliases.json'), '{"production":"1"}')
  const status = await sluice(['status', '--json'], { home })
  const items = status.stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  const item = items.find(({ what, name }) => what === 'model' && name === 'own')
  assert.equal(item.level, 'error')
  assert.match(item.text, reason)
  const predicted = await sluice(['predict'], { home, input: '' })
  assert.equal(predicted.code, 2)
  assert.match(predicted.stderr, reason)
})

test('columns whose names no line can hold are all named before training', async t => {
  const home = makeHome(t)
  const file = join(home, 'own.csv')
  const [, ...rows] = tableOf(1500, 'words').split('\n')
  writeFileSync(file, ['ts,mint,age h,b,rsi(14),y', ...rows].join('\n'))
  const call = ['train', file, ...TRAIN, '--out', 'own@1']
  const refused = await sluice(call, { home })
  assert.equal(refused.code, 2)
  assert.match(refused.stderr, /no feature can be called "age h", "rsi\(14\)": .*rename.* as age_h/)
  assert.equal(refused.stdout, '')
  const trained = await sluice([...call, '--features', 'b'], { home })
  assert.equal(trained.code, 0, trained.stderr)
})

test('evaluating on rows that were learned from says so first, on others nothing', async t => {
  const home = makeHome(t)
  const file = join(home, 'own.csv')
  writeFileSync(file, tableOf(1500, 'own'))
  writeFileSync(join(home, 'new.csv'), tableOf(300, 'new'))
  assert.equal((await sluice(['train', file, ...TRAIN, '--out', 'own@1'], { home })).code, 0)
  const evaluate = (path: string) =>
    sluice(['evaluate', path, '--model', 'own@1', '--label', 'y', '--group', 'mint'], { home })
  const old = await evaluate(file)
  assert.equal(old.code, 0, old.stderr)
  // Four fifths were learned from, the last fifth is the test; a sample tells a share.
  assert.match(old.stderr, /^\[warn\] evaluate: own@1 was trained on (79|80|81) % of these rows/m)
  const [first] = old.stdout.split('\n')
  assert.deepEqual(JSON.parse(first!).name, 'trainedOn')
  const fresh = await evaluate(join(home, 'new.csv'))
  assert.equal(fresh.code, 0, fresh.stderr)
  assert.ok(!`${fresh.stderr}${fresh.stdout}`.includes('trained'))
})

test('rows of a table are scored as lines of an own set are, the unknown included', async t => {
  const home = makeHome(t)
  const file = join(home, 'own.csv')
  writeFileSync(file, tableOf(1500, 'own'))
  const trained = await sluice(['train', file, ...TRAIN, '--set', 'mine', '--out', 'own@1'], {
    home,
  })
  assert.equal(trained.code, 0, trained.stderr)
  assert.equal((await sluice(['models', 'promote', 'own@1'], { home })).code, 0)
  writeFileSync(join(home, 'word.csv'), 'a,b,c\n1,word,2\n')
  const call = ['predict', '--model', 'own@1', '--table', join(home, 'word.csv')]
  const odd = await sluice(call, { home, timeoutMs: 20_000 })
  assert.equal(odd.code, 3)
  assert.match(odd.stderr, /line 2: b: expected numbers, got "word"/)
  const [head, ...rows] = tableOf(600, 'new').trim().split('\n')
  // An empty cell here and there.
  const cells = rows.map((row, i) => row.split(',').map((cell, k) => (i % 7 === k ? '' : cell)))
  const known = cells.filter(([ts]) => ts !== '')
  writeFileSync(join(home, 'new.csv'), [head, ...known.map(row => row.join(','))].join('\n'))
  const { hash } = JSON.parse(readFileSync(join(home, 'models/own/1/bundle.json'), 'utf8'))
    .inputs[0]
  const input = known.map(([ts, mint, ...abc], i) => {
    const values = Object.fromEntries(
      ['a', 'b', 'c'].flatMap((name, f) => (abc[f] === '' ? [] : [[name, Number(abc[f])]])),
    )
    const features = { mine: { hash, ready: true, values } }
    const of = mint === '' ? 'none' : mint
    return JSON.stringify({
      v: 1,
      id: `r:${i}`,
      ts: Number(ts),
      kind: 'market',
      source: 'test',
      mint: of,
      features,
    })
  })
  const said = async (argv: string[], given: string) => {
    const done = await sluice(['predict', '--model', 'own', ...argv], { home, input: given })
    assert.equal(done.code, 0, done.stderr)
    return done.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
  }
  const lines = await said([], `${input.join('\n')}\n`)
  const table = await said(['--table', join(home, 'new.csv')], '')
  assert.deepEqual(
    table.map(({ prediction }) => prediction),
    lines.map(({ prediction }) => prediction),
  )
  assert.deepEqual(
    table.map(({ row, ts, mint }) => [row, String(ts), mint ?? '']),
    known.map(([ts, mint], i) => [i + 1, ts, mint]),
  )
  const none = await sluice(['predict', '--table', file], { home, input: '' })
  assert.equal(none.code, 2)
  assert.match(none.stderr, /--table: give the one --model/)
  writeFileSync(join(home, 'less.csv'), 'a,b\n1,2\n')
  const less = await sluice(['predict', '--model', 'own', '--table', join(home, 'less.csv')], {
    home,
  })
  assert.equal(less.code, 2)
  assert.match(less.stderr, /less\.csv: no column "c"/)
})

test('a sketch finds the share of rows that were seen, and none of new ones', () => {
  const rng = makeRng('sketch')
  const draw = (rows: number): number[] =>
    Array.from({ length: rows }, () => rowHash([rng.normal(), rng.normal(), Number.NaN]))
  for (const rows of [100, 20_000]) {
    const [seen, fresh] = [draw(rows), draw(3 * rows)]
    const sketch = sketchOf(seen)
    const mixed = seenShare(sketch, [...seen, ...fresh])!
    // A quarter; five standard errors of a share of what was sampled.
    const error = Math.sqrt((0.25 * 0.75) / mixed.sampled)
    assert.ok(Math.abs(mixed.share - 0.25) <= 5 * error, `${mixed.share} of ${mixed.sampled}`)
    assert.equal(seenShare(sketch, fresh)?.share, 0)
  }
})

test('rows of the same numbers have one hash, others another', () => {
  const row = fc.array(fc.float({ noDefaultInfinity: true }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(row, fc.nat(7), fc.float({ noNaN: true }), (values, at, other) => {
      const same = Float32Array.from(values, value => (value === 0 ? -value : value))
      assert.equal(rowHash(values), rowHash(same))
      const k = at % values.length
      if (Object.is(values[k]! + 0, other + 0)) return
      assert.notEqual(rowHash(values), rowHash(values.with(k, other)))
    }),
  )
})
