import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { defaultsOf } from '../../../../lib/base/flags.ts'
import { readBundle, readManifest } from '../../../../lib/model/files.ts'
import { openPredictor } from '../../../../lib/model/serve/open-predict.ts'
import { verifyBundle } from '../../../../lib/model/verify.ts'
import type { Rec } from '../../../../lib/records/record.ts'
import { type Line, makeLine } from '../../../../lib/stream/line.ts'
import { readWindows } from '../../../../lib/train/data/read-windows.ts'
import { evaluateFlags } from '../../../../lib/train/evaluate/evaluate-flags.ts'
import { runEvaluate } from '../../../../lib/train/evaluate/run-evaluate.ts'
import { changesAhead, columnsOf, NETS } from '../../../../lib/train/networks/network-rows.ts'
import { runTrainNetwork } from '../../../../lib/train/networks/run-train-network.ts'
import { progressText } from '../../../../lib/train/progress.ts'
import type { NetworkFlags } from '../../../../lib/train/train-flags.ts'
import { feed, folder, served } from '../../model/fixture.ts'
import { BAR, walkRows, writeExport } from '../export-folder.ts'

const FLAGS: NetworkFlags = {
  net: 'small',
  epochs: 2,
  batch: 32,
  learningRate: 0.01,
  patience: 0,
  balanced: false,
  bar: BAR,
  seed: 1,
  focal: 0,
  dropout: 0.2,
  threads: 1,
  horizon: 0,
  embargo: 0,
  threshold: 0.5,
  checkpoint: undefined,
  resume: false,
  out: undefined,
  note: undefined,
}

async function run(
  dir: string,
  more: Partial<NetworkFlags>,
  signal = new AbortController().signal,
  onLine = () => {},
) {
  const lines: Record<string, unknown>[] = []
  const said: string[] = []
  const log = { info: () => {}, warn: (text: string) => void said.push(text), error: () => {} }
  const write = async (text: string): Promise<void> => {
    lines.push(JSON.parse(text))
    onLine()
  }
  await runTrainNetwork(dir, { ...FLAGS, ...more }, { out: { write }, log, signal })
  return { lines, said }
}

const base64 = (values: number[]): string =>
  Buffer.from(Float32Array.from(values).buffer).toString('base64')

/** Candle lines with the features that the rows were made of. */
function lineOf(
  { ts, mint, candles, window, values }: ReturnType<typeof walkRows>[number],
  hash: string,
  set: string,
): Line {
  const features =
    set === 'price'
      ? { price: { hash, ready: true, window: { shape: [60, 10], data: base64(window) } } }
      : {
          sequence: {
            hash,
            ready: true,
            candles: { shape: [100, 5], data: base64(candles) },
            context: {},
            indicators: values,
          },
        }
  return makeLine({
    v: 1,
    id: `candle:${mint}:5m:${ts}`,
    ts,
    kind: 'candle',
    mint,
    source: 'test',
    features,
  } as Rec)
}

/** Text of the lines as a model passes them on, in batches of the given size. */
async function predict(
  models: string,
  name: string,
  lines: Line[],
  { size = lines.length, explain = false } = {},
): Promise<string[]> {
  const step = await openPredictor(
    served(models, { model: [`${name}@1`], isDeterministic: true, cache: 0, explain }),
  )
  const out = await feed(step, lines, size)
  await step.close?.()
  return out
}

test(
  'a sequence network from an export: epochs, metrics, a bundle that predict serves; the same ' +
    'after an interruption',
  async t => {
    const dir = folder(t)
    const rows = walkRows(240)
    await writeExport(dir, rows)
    const [a, b] = ['a', 'b'].map(name => join(dir, 'models', name, '1')) as [string, string]
    const { lines, said } = await run(dir, { out: a })
    assert.deepEqual(
      lines.filter(line => 'epoch' in line).map(line => line.epoch),
      [1, 2],
    )
    assert.ok(
      lines.some(line => line.head === 'profitable' && line.part === 'test' && line.name === 'auc'),
    )
    assert.ok(said.some(text => /Head rugRisk is not there: one class only/.test(text)))
    const loaded = readBundle(a)
    assert.deepEqual(
      loaded.bundle.heads.map(({ name }) => name),
      ['profitable', 'maxProfit'],
    )
    assert.equal(loaded.bundle.model.minBatch, 2)
    // The five of the context are told by no row; a line that knows less is refused.
    assert.equal(loaded.bundle.mostUnknown, 5)
    assert.ok((await verifyBundle(loaded)) < 1e-6)
    assert.equal(existsSync(`${a}.checkpoint`), false)
    // What live features are compared with: those by name, but not prices; too few test tokens for
    // the predictions.
    const { features = {}, predictions = {} } = loaded.bundle.drift ?? {}
    assert.deepEqual(
      [features.rsi14?.rows, features.ema12, features.liquidity?.missingShare],
      [1, undefined, 1],
    )
    assert.deepEqual(predictions, {})

    // Stopped after the first epoch, then resumed: the same file, byte for byte.
    const abort = new AbortController()
    const stopped = await run(dir, { out: b }, abort.signal, () => abort.abort())
    assert.match(stopped.said.join(), /stopped; go on with --resume/)
    assert.equal(existsSync(b), false)
    const resumed = await run(dir, { out: b, resume: true })
    assert.ok(resumed.lines.every(line => line.epoch !== 1))
    assert.deepEqual({ ...readManifest(b), name: '' }, { ...loaded.bundle, name: '' })

    const hash = loaded.bundle.inputs[0]!.hash!
    const found = await predict(
      join(dir, 'models'),
      'a',
      rows.slice(0, 3).map(row => lineOf(row, hash, 'sequence')),
    )
    const alone = await predict(join(dir, 'models'), 'a', [lineOf(rows[0]!, hash, 'sequence')])
    for (const text of found) {
      const { prediction } = JSON.parse(text) as Rec
      const { profitable, maxProfit, imputed, outOfDistribution } = prediction!.a!
      assert.ok(outOfDistribution! > 0 && outOfDistribution! < 3)
      assert.ok(profitable! > 0 && profitable! < 1 && maxProfit! > -1)
      assert.ok(imputed!.includes('liquidity'))
    }
    assert.equal(alone[0], found[0])

    // Each input at the median of the training rows, the candles flat.
    assert.equal(loaded.bundle.inputs.find(({ name }) => name === 'candles')!.center, undefined)
    const indicators = loaded.bundle.inputs.find(({ name }) => name === 'indicators')!
    const rsi = indicators.features!.findIndex(id => id.startsWith('rsi14@'))
    const trained = rows.slice(0, 168).map(row => row.values.rsi14!)
    trained.sort((x, y) => x - y)
    assert.equal(indicators.center!.values[rsi], Math.fround(trained[83]!))
    const explained = await predict(
      join(dir, 'models'),
      'a',
      [lineOf(rows[0]!, hash, 'sequence')],
      {
        explain: true,
      },
    )
    const { moved } = JSON.parse(explained[0]!).prediction.a
    assert.ok(moved.some(({ name }: { name: string }) => name === 'candles'))

    // Judged on what it was trained on, evaluate says so first.
    const told: string[] = []
    const learned = rows.slice(0, 168).map(row => ({
      ...lineOf(row, hash, 'sequence').rec,
      label: { profitable: Number(row.labels.profitable) },
    }))
    const learnedFrom = join(dir, 'learned.ndjson')
    writeFileSync(learnedFrom, learned.map(each => `${JSON.stringify(each)}\n`).join(''))
    let first = ''
    await runEvaluate(
      learnedFrom,
      {
        ...defaultsOf(evaluateFlags),
        models: join(dir, 'models'),
        model: 'a@1',
        label: 'profitable',
      },
      {
        home: dir,
        isTerminal: false,
        out: { write: async text => void (first ||= text.split('\n')[0]!) },
        log: { info() {}, warn: text => void told.push(text), error() {} },
      },
    )
    assert.match(told[0]!, /a@1 was trained on 100 % of these rows/)
    assert.match(first, /"name":"trainedOn","value":1,/)
  },
)

for (const net of NETS)
  test(`${net}: an answer does not depend on its batch, nor the file on the threads`, async t => {
    const dir = folder(t)
    const rows = walkRows(80)
    await writeExport(dir, rows)
    const [one, two] = ['one', 'two'].map(name => join(dir, 'models', name, '1')) as [
      string,
      string,
    ]
    await run(dir, { net, epochs: 1, out: one })
    await run(dir, { net, epochs: 1, out: two, threads: 2 })
    const { bundle } = readBundle(one)
    assert.equal(bundle.model.sha256, readManifest(two).model.sha256)
    const set = net === 'price' ? 'price' : 'sequence'
    const lines = rows.slice(0, 32).map(row => lineOf(row, bundle.inputs[0]!.hash, set))
    const whole = await predict(join(dir, 'models'), 'one', structuredClone(lines), { size: 32 })
    assert.ok(
      whole.every(text =>
        /"prediction":\{"one":\{"version":"1",.*"outOfDistribution":[0-9.]+/.test(text),
      ),
    )
    for (const size of [1, 2, 7])
      assert.deepEqual(
        await predict(join(dir, 'models'), 'one', structuredClone(lines), { size }),
        whole,
      )
  })

test('a price network: changes ahead by bars, served from the window', async t => {
  const dir = folder(t)
  const rows = walkRows(200)
  await writeExport(dir, rows)
  const out = join(dir, 'models', 'price', '1')
  await run(dir, { net: 'price', out, epochs: 1 })
  const { bundle } = readBundle(out)
  assert.deepEqual(bundle.heads, [
    { name: 'change', output: 'heads', labels: ['5', '10', '15', '30'] },
  ])
  const [found] = await predict(join(dir, 'models'), 'price', [
    lineOf(rows[0]!, bundle.inputs[0]!.hash, 'price'),
  ])
  assert.deepEqual(Object.keys(JSON.parse(found!).prediction.price.change), ['5', '10', '15', '30'])
})

test('a price network’s label: close k bars later over close, never across a part', async t => {
  const dir = folder(t)
  const rows = walkRows(100)
  await writeExport(dir, rows)
  const windows = await readWindows(dir, columnsOf('price'))
  const ahead = changesAhead(windows, BAR)
  const close = (k: number): number => rows[k]!.candles[99 * 5 + 3]!
  for (const [h, bars] of [5, 10, 15, 30].entries()) {
    for (const k of [0, 7, 69 - bars])
      assert.ok(
        Math.abs(ahead[k * 4 + h]! - (close(k + bars) / close(k) - 1)) < 1e-5,
        `row ${k}, ${bars} bars`,
      )
    // 70 training rows: the last `bars` of them would need the price of a later part.
    assert.ok(Number.isNaN(ahead[(70 - bars) * 4 + h]!))
  }
})

test('what cannot be trained is named', async t => {
  const dir = folder(t)
  await assert.rejects(run(dir, {}), {
    code: 2,
    message: /learns from a folder of train-export --tensors/,
  })
  await writeExport(dir, walkRows(20))
  writeFileSync(join(dir, 'manifest.json'), JSON.stringify({ files: { train: 'ab'.repeat(32) } }))
  await assert.rejects(run(dir, {}), {
    code: 3,
    message: /train\.parquet is \w{12}, manifest\.json says abababababab/,
  })
  await writeExport(dir, walkRows(20))
  await assert.rejects(run(dir, { resume: true }), {
    code: 2,
    message: /--resume: there is no checkpoint/,
  })
  await assert.rejects(run(dir, {}), {
    code: 3,
    message: /needs 20 labelled rows to train on, has 14/,
  })
})

test('progress: share, loss, rate and time left', () => {
  // 30 of 120 steps, 20 of them in 10 s: 2 steps/s, so 128 rows/s at 64 a batch; 90 steps are 45 s.
  const text = progressText({ step: 30, steps: 120, loss: 0.31234 }, 64, 10_000, 10)
  assert.equal(
    text,
    `[${'#'.repeat(6)}${'·'.repeat(18)}] 25 % loss 0.3123 · 128 rows/s · 45 s left`,
  )
})
