import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { TemporaryError, UsageError } from '../../../lib/base/errors.ts'
import { readRecipe } from '../../../lib/learn/recipe/model-recipe.ts'
import { recipeOf } from '../../../lib/learn/recipe/recipe.ts'
import { bundleRows } from '../../../lib/learn/rows/bundle-rows.ts'
import { readLabelled } from '../../../lib/learn/rows/score-rows.ts'
import { runRetrain } from '../../../lib/learn/run-retrain.ts'
import type { Bundle } from '../../../lib/model/bundle.ts'
import { readManifest } from '../../../lib/model/files.ts'
import { readAliases } from '../../../lib/model/registry.ts'
import { startOf } from '../../../lib/store/lock.ts'
import { folder, makeModel, POOL_NAMES, use } from '../model/fixture.ts'
import { BAR, walkRows, writeExport } from '../train/export-folder.ts'
import { type MarketRow, START, WEEK, weekOf, writeRows } from './market.ts'

/** Retraining with a trainer of somebody else, which hands over a bundle that it did not make. */

const HOUR = 3_600_000
const log = { info() {}, warn() {}, error() {} }

/** Copies the bundle in ../stock; words before the two folders say what is wrong with the copy. */
const SCRIPT = `
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
const [data, out] = process.argv.slice(-2)
const how = process.argv.slice(2, -2)
writeFileSync('seen.json', JSON.stringify({ data, out, env: process.env }))
console.log('epoch 1 of 1')
console.error('first words')
if (how[0] === 'fail') { console.error('ValueError: no\\u0007 rows\\n'); process.exit(3) }
if (how[0] === 'nothing') process.exit(0)
mkdirSync(dirname(out), { recursive: true })
cpSync('stock', out, { recursive: true })
const bundle = JSON.parse(readFileSync(join(out, 'bundle.json'), 'utf8'))
bundle.version = basename(out)
if (how[0] === 'bare') bundle.data.parts = {}
if (how[0] === 'seconds') for (const part of Object.values(bundle.data.parts)) part.to /= 1000
if (how[0] === 'early') for (const part of Object.values(bundle.data.parts)) part.to -= 3 * 86400e3
if (how[0] === 'rug') bundle.kind = 'rug'
if (how[0] === 'parity') bundle.parity.outputs[bundle.heads[0].output][0] = 0.123
if (how[0] === 'column') bundle.inputs[0].features[0] = 'priceChange10@1:fraction'
const text = how[0] === 'rubbish' ? '{"format":' : JSON.stringify(bundle)
writeFileSync(join(out, 'bundle.json'), text)
`

const wholeOf = (rows: readonly MarketRow[]) => ({
  table: {
    names: POOL_NAMES,
    rows: rows.length,
    columns: POOL_NAMES.map((_, f) => Float32Array.from(rows, row => row.x[f]!)),
  },
  label: Float64Array.from(rows, row => row.y),
  time: Float64Array.from(rows, row => row.ts),
  groups: Int32Array.from(rows.keys()),
})

/** Weeks after a change that the version in production does not know. */
const turned = (from: number, to: number): MarketRow[] =>
  Array.from({ length: to - from }, (_, k) => weekOf(from + k, 0)).flat()

async function begin(t: { after(fn: () => void): void }, trainer = 'node train.mjs') {
  const home = folder(t)
  const dir = join(home, 'models', 'moon')
  await makeModel(join(home, 'models'), 'moon', '1')
  use(join(home, 'models'), 'moon', { production: '1' })
  writeFileSync(join(dir, 'recipe.json'), JSON.stringify({ trainer }))
  writeFileSync(join(dir, 'train.mjs'), SCRIPT)
  const data = join(home, 'rows.csv')
  const lines: Record<string, unknown>[] = []
  const controller = new AbortController()
  const look = async (week: number, isManual: boolean, trainerTimeout = 60_000) => {
    lines.length = 0
    await runRetrain(
      {
        home,
        models: join(home, 'models'),
        model: 'moon',
        data,
        label: undefined,
        time: 'ts',
        group: 'token',
        horizon: 0,
        embargo: 0,
        at: START + week * WEEK,
        isManual,
        lease: HOUR,
        trainerTimeout,
        rows: 1e9,
        cooldown: 0,
        trial: 24 * HOUR,
        trialRows: 100,
        trialMost: 1e12,
        alpha: 0.05,
        acceptUnderpowered: false,
        guardRows: 100,
        alertCommand: undefined,
        stderr() {},
        now: Date.now,
        matured: async () => undefined,
        log,
        env: { PATH: process.env.PATH, HELIUS_API_KEY: 'k', ML_WEIGHT: '1', SLUICE_HOME: home },
        signal: controller.signal,
      },
      { write: async text => void lines.push(JSON.parse(text)) },
    )
    return lines.map(line => line.state ?? line.action ?? line.verdict)
  }
  return { home, dir, data, lines, look, controller }
}

/** A version that has learned from the weeks 0 to 3 after the change. */
async function stock(dir: string): Promise<void> {
  await makeModel(join(dir, 'elsewhere'), 'moon', 'x', {}, wholeOf(turned(0, 4)))
  mkdirSync(join(dir, 'stock'))
  for (const file of ['bundle.json', 'model.onnx'])
    writeFileSync(join(dir, 'stock', file), readFileSync(join(dir, 'elsewhere/moon/x', file)))
}

test('a version of another trainer is compared, tried, promoted and taken back', async t => {
  const { home, dir, data, lines, look } = await begin(t)
  await stock(dir)
  writeRows(data, turned(0, 6))
  assert.deepEqual(await look(6, true), ['started', 'finished', 'better', 'shadow'])
  const version = '2026-02-15.1'
  assert.equal(readAliases(dir).shadow, version)
  assert.deepEqual(readdirSync(join(dir, version)).sort(), [
    'CARD.md',
    'SHA256SUMS',
    'bundle.json',
    'model.onnx',
  ])
  assert.deepEqual(
    readdirSync(dir).filter(name => name.startsWith('.')),
    [],
  )
  // The two weeks after its own four, and of those the fifth that it was only tested on.
  assert.equal(lines[2]!.rows, 2 * 500 + (4 * 500) / 5)
  assert.ok(!('seed' in lines[0]!), 'nobody knows the seed of a foreign trainer')

  const seen = JSON.parse(readFileSync(join(dir, 'seen.json'), 'utf8'))
  assert.equal(seen.data, data)
  assert.match(seen.out, /\/moon\/2026-02-15\.1$/)
  assert.deepEqual([seen.env.EXPORT_DIR, seen.env.BUNDLE_DIR], [seen.data, seen.out])
  assert.deepEqual(
    Object.keys(seen.env).filter(name => /^(SLUICE_|ML_)|KEY/.test(name)),
    [],
  )
  const kept = readFileSync(join(home, 'retrain/logs', `moon@${version}.log`), 'utf8')
  assert.deepEqual(kept.split('\n').sort(), ['', 'epoch 1 of 1', 'first words'])

  writeRows(data, turned(0, 7))
  assert.deepEqual((await look(7, false)).slice(0, 2), ['better', 'promote'])
  assert.equal(readAliases(dir).production, version)
  // The market turns back: what was before does better again.
  writeRows(data, [...turned(0, 7), ...weekOf(7, 99), ...weekOf(8, 99)])
  assert.ok((await look(9, false)).includes('rollback'))
  assert.equal(readAliases(dir).production, '1')
})

test('what is wrong with a trainer or its bundle fails the job and changes nothing', async t => {
  const { home, dir, data, lines, look } = await begin(t)
  await stock(dir)
  writeRows(data, weekOf(5, 0, 50))
  const wrong: [how: string, kind: typeof UsageError | typeof TemporaryError, reason: RegExp][] = [
    ['fail', TemporaryError, /^trainer: exit 3: ValueError: no {2}rows; log: retrain\/logs\/moon@/],
    ['nothing', UsageError, /wrote no bundle\.json in BUNDLE_DIR/],
    ['rubbish', UsageError, /^its bundle: bundle\.json and the hash .*not JSON/],
    ['parity', UsageError, /^its bundle: answers to the parity rows/],
    ['rug', UsageError, /it predicts rug\.p first, production moon\.p/],
    ['bare', UsageError, /data\.parts\.train\.to is missing/],
    ['seconds', UsageError, /data\.parts reach until \d+/],
    ['column', UsageError, /no column "priceChange10"/],
  ]
  for (const [how, kind, reason] of wrong) {
    writeFileSync(join(dir, 'recipe.json'), JSON.stringify({ trainer: `node train.mjs ${how}` }))
    await assert.rejects(look(6, true), kind, how)
    assert.deepEqual(
      lines.map(line => line.state),
      ['started', 'failed'],
      how,
    )
    assert.match(String(lines[1]!.reason), reason)
  }
  // A time that is too early for the rows that it tells of: it would win on what it has seen.
  writeRows(data, turned(0, 6))
  writeFileSync(join(dir, 'recipe.json'), '{"trainer":"node train.mjs early"}')
  await assert.rejects(look(6, true), /data\.parts tell of \d+ rows until \d+, the data hold \d+ /)
  writeFileSync(join(dir, 'recipe.json'), '{"trainer":"no-such-program-here"}')
  await assert.rejects(look(6, true), UsageError)
  assert.match(String(lines[1]!.reason), /exit 127: .*not found/)
  assert.deepEqual(readAliases(dir), { production: '1' })
  assert.deepEqual(
    readdirSync(dir).filter(name => name.startsWith('.') || name.startsWith('2026')),
    [],
  )
  assert.ok(readFileSync(join(home, 'retrain/logs/moon@2026-02-15.1.log'), 'utf8').length > 0)
})

test('a trainer that hangs is ended with all that it started, in time or by a signal', async t => {
  const { dir, data, lines, look, controller } = await begin(t, 'sh hang.sh')
  writeRows(data, weekOf(5, 0, 50))
  writeFileSync(join(dir, 'hang.sh'), 'sleep 600 &\necho "$$ $!" > pids\nwait\n')
  // A daemon leaves the group of its parent; it holds none of its output.
  const daemon = `setsid -f sh -c 'echo $$ > away; exec sleep 600' < /dev/null > /dev/null 2>&1\n`
  if (process.platform === 'linux')
    writeFileSync(join(dir, 'hang.sh'), daemon + readFileSync(join(dir, 'hang.sh'), 'utf8'))
  const pids = (): (string | undefined)[] =>
    readFileSync(join(dir, 'pids'), 'utf8')
      .trim()
      .split(' ')
      .map(pid => startOf(Number(pid)))
  await assert.rejects(look(6, true, 1000), TemporaryError)
  assert.match(String(lines[1]!.reason), /not done after 1 s \(--trainer-timeout\)/)
  assert.deepEqual(pids(), [undefined, undefined])
  if (process.platform === 'linux')
    assert.equal(startOf(Number(readFileSync(join(dir, 'away'), 'utf8'))), undefined)

  writeFileSync(join(dir, 'pids'), '')
  const asked = look(6, true)
  const poll = setInterval(() => {
    if (readFileSync(join(dir, 'pids'), 'utf8') !== '') controller.abort()
  }, 20)
  await assert.rejects(asked, TemporaryError).finally(() => clearInterval(poll))
  assert.match(String(lines[1]!.reason), /interrupted/)
  assert.deepEqual(pids(), [undefined, undefined])
})

test('a recipe says a trainer or nothing; all else is refused with its file', async t => {
  const root = folder(t)
  mkdirSync(join(root, 'mine'))
  const read = () => readRecipe('mine', [root], 'moon')
  assert.equal(read(), undefined)
  const says = (text: string) => {
    writeFileSync(join(root, 'mine', 'recipe.json'), text)
    return read()
  }
  // A trainer of somebody knows its label and horizon itself.
  const own = says('{"trainer": "python train.py"}')
  assert.deepEqual([own?.trainer, own?.kind, own?.label], ['python train.py', 'moon', undefined])
  for (const [text, reason] of [
    ['{"traner": "x"}', /recipe\.json: unknown field "traner"; did you mean trainer\?/],
    ['{"trainer": "a\\nb"}', /one line/],
    ['{"trainer": " "}', /one line/],
    ['{"trainer": ["python"]}', /trainer: expected text like COMMAND/],
    ['[]', /expected an object/],
    ['null', /expected an object/],
    ['{"trainer"', /recipe\.json: /],
  ] as const)
    assert.throws(
      () => says(text),
      (error: Error) => error instanceof UsageError && reason.test(error.message),
      text,
    )
  const { dir: model, data, look } = await begin(t)
  writeRows(data, turned(0, 1))
  await assert.rejects(look(6, true, 2 * HOUR), /--trainer-timeout must be shorter than --lease/)
  assert.ok(!existsSync(join(model, 'seen.json')))
})

test('tensors and features of an export reach each input of a bundle by their names', async t => {
  const root = folder(t)
  const made = await makeModel(root, 'moon', '1')
  const rows = walkRows(10)
  await writeExport(join(root, 'export'), rows)
  const bundle: Bundle = {
    ...readManifest(join(root, 'moon', made.version)),
    kind: 'sequence',
    heads: [{ name: 'profitable', output: 'p' }],
    inputs: [
      {
        name: 'candles',
        set: 'sequence',
        hash: 'a'.repeat(12),
        tensor: 'candles',
        shape: [100, 5],
      },
      {
        name: 'rest',
        set: 'sequence',
        hash: 'a'.repeat(12),
        features: ['ema12@1:price', 'rsi14@1:points'],
      },
    ],
  }
  const data = { label: undefined, time: undefined, group: undefined, horizon: 0, embargo: 0 }
  const recipe = { algo: 'trainer', command: 'x', ...data } as const
  const read = await bundleRows(join(root, 'export'), recipe, [bundle])
  const at = read.time.indexOf(rows[7]!.ts)
  const [candles, rest] = read.feeds(bundle, Int32Array.of(0, at))
  assert.deepEqual([candles!.name, candles!.shape], ['candles', [100, 5]])
  assert.deepEqual([...candles!.data.subarray(500)], [...Float32Array.from(rows[7]!.candles)])
  const { ema12, rsi14 } = rows[7]!.values
  assert.deepEqual([...rest!.data.subarray(2)], [...Float32Array.of(ema12!, rsi14!)])
  assert.equal(read.labels[0]![at], Number(rows[7]!.labels.profitable))
  const other = {
    ...bundle,
    inputs: [{ ...bundle.inputs[0]!, set: 'price', tensor: 'window', shape: [60, 10] }],
  }
  await assert.rejects(bundleRows(join(root, 'export'), recipe, [bundle, other]), UsageError)
  // Further heads are read as well where the export has what came of them.
  const two = { ...bundle, heads: [...bundle.heads, { name: 'maxProfit', output: 'm' }] }
  const [max] = (await bundleRows(join(root, 'export'), recipe, [two])).others
  assert.deepEqual([max!.name, max!.aim], ['maxProfit', 'numbers'])
  assert.equal(max!.labels[at], Math.fround(Number(rows[7]!.labels.maxProfit)))
})

test('rows of a price model of any trainer hold the changes that came later', async t => {
  const root = folder(t)
  const made = await makeModel(root, 'moon', '1')
  const rows = walkRows(60)
  await writeExport(join(root, 'export'), rows)
  const manifest = readManifest(join(root, 'moon', made.version))
  const window = {
    name: 'w',
    set: 'price',
    hash: 'a'.repeat(12),
    tensor: 'window',
    shape: [60, 10],
  }
  const price: Bundle = {
    ...manifest,
    kind: 'price',
    algorithm: { name: 'own', settings: { bar: BAR } },
    heads: [{ name: 'change', output: 'p', labels: ['5', '10', '15', '30'] }],
    inputs: [window],
  }
  const data = { label: undefined, time: undefined, group: undefined, horizon: 0, embargo: 0 }
  const recipe = { algo: 'trainer', command: 'x', ...data } as const
  const read = await readLabelled(join(root, 'export'), recipe, [price])
  assert.deepEqual([read.aim, read.names], ['numbers', ['5', '10', '15', '30']])
  const close = (k: number): number => rows[k]!.candles[99 * 5 + 3]!
  assert.ok(Math.abs(read.labels[1]![3]! - (close(13) / close(3) - 1)) < 1e-5)
  const [fed] = read.feeds(price, Int32Array.of(3))
  assert.equal(fed!.name, 'w')
  assert.deepEqual([...fed!.data], [...Float32Array.from(rows[3]!.window)])
  const more = { ...price, inputs: [{ ...window, tensor: 'candles', set: 'sequence' }] }
  await assert.rejects(readLabelled(join(root, 'export'), recipe, [more]), {
    code: 2,
    message: /reads more than price\.window/,
  })
})

test('versions that read the columns of a table in another order get them by name', async t => {
  const { dir, data } = await begin(t)
  writeRows(data, turned(0, 1))
  const one = readManifest(join(dir, '1'))
  const names = one.inputs[0]!.features!
  const other = { ...one, inputs: [{ ...one.inputs[0]!, features: [...names].reverse() }] }
  const recipe = recipeOf(
    one,
    { label: 'willMoon', time: 'ts', group: 'token', horizon: 0, embargo: 0 },
    'unused',
  )
  const read = await readLabelled(data, recipe, [one, other])
  const [ours] = read.feeds(one, Int32Array.of(0))
  const [theirs] = read.feeds(other, Int32Array.of(0))
  assert.deepEqual([...theirs!.data], [...ours!.data].reverse())
  const gone = { ...one, inputs: [{ ...one.inputs[0]!, features: ['nowhere@1:number'] }] }
  assert.throws(
    () => read.feeds(gone, Int32Array.of(0)),
    /has no column nowhere, which moon@1 reads/,
  )
})
