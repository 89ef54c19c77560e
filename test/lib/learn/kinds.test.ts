import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeRng } from '../../../lib/base/rng.ts'
import { healthOf, standardOf } from '../../../lib/learn/degradation-guard.ts'
import { runRetrain } from '../../../lib/learn/run-retrain.ts'
import { likeliest, lossesOf } from '../../../lib/maths/loss.ts'
import { readManifest } from '../../../lib/model/files.ts'
import { readAliases, writeAliases } from '../../../lib/model/registry.ts'
import { OUTCOMES } from '../../../lib/records/prediction.ts'
import { runTrainNetwork } from '../../../lib/train/networks/run-train-network.ts'
import { runTrain } from '../../../lib/train/tabular/run-train.ts'
import type { NetworkFlags, TrainFlags } from '../../../lib/train/train-flags.ts'
import { folder } from '../model/fixture.ts'
import { BAR, walkRows, writeExport } from '../train/export-folder.ts'

const HOUR = 3_600_000
const START = Date.UTC(2026, 0, 4)
const log = { info() {}, warn() {}, error() {} }
const none = { write: async () => undefined }
const FLAGS: Omit<TrainFlags, 'kind' | 'label' | 'features' | 'out'> = {
  algo: 'gbdt',
  rounds: 20,
  leaves: 7,
  rate: 0.2,
  minLeaf: 20,
  l2: undefined,
  trees: 20,
  rowShare: 1,
  featureShare: 1,
  patience: 10,
  seed: 1,
  calibrate: true,
  time: 'ts',
  timeFormat: undefined,
  timeZone: undefined,
  decimal: '.',
  group: 'mint',
  weight: undefined,
  head: undefined,
  set: undefined,
  prices: undefined,
  valid: 0.2,
  test: 0.2,
  folds: 0,
  horizon: 0,
  embargo: 0,
  disjoint: false,
  threshold: 0.5,
  note: undefined,
  importance: false,
  threads: 1,
  peers: undefined,
  positive: undefined,
  monotone: undefined,
}

/** Rows whose label follows the first feature, or the other way round. */
function table(
  path: string,
  from: number,
  rows: number,
  sign: 1 | -1,
  say: (z: number) => string | number,
): void {
  const rng = makeRng(`kinds/${from}/${sign}`)
  const lines = Array.from({ length: rows }, (_, i) => {
    const [x, other] = [rng.normal(), rng.normal()]
    const label = say(sign * x + 0.3 * rng.normal())
    return `${START + (from + i) * HOUR},m${from + i},${x.toFixed(4)},${other.toFixed(4)},${label}`
  })
  writeFileSync(path, `ts,mint,liquidityUsd,riskScore,label\n${lines.join('\n')}\n`)
}

async function look(home: string, model: string, data: string, at: number, isManual: boolean) {
  const lines: Record<string, unknown>[] = []
  const columns = { label: 'label', time: 'ts', group: 'mint', horizon: 0, embargo: 0 }
  await runRetrain(
    {
      home,
      models: join(home, 'models'),
      model,
      data,
      ...columns,
      at,
      isManual,
      lease: HOUR,
      log,
      rows: 1e9,
      cooldown: 0,
      trial: 24 * HOUR,
      trialRows: 100,
      trialMost: 1e12,
      alpha: 0.05,
      acceptUnderpowered: false,
      guardRows: 100,
      alertCommand: undefined,
      stderr: () => {},
      now: Date.now,
      trainerTimeout: 1000,
      env: {},
      signal: new AbortController().signal,
      matured: async () => undefined,
    },
    { write: async text => void lines.push(JSON.parse(text)) },
  )
  return lines
}

const classOf = (z: number): string => OUTCOMES[Math.max(0, Math.min(6, Math.round(z + 3)))]!

for (const { kind, model, say, loss } of [
  { kind: 'outcome', model: 'outcome', say: classOf, loss: 'championBrier' },
  {
    kind: 'sequence',
    model: 'profit',
    say: (z: number) => (0.05 * z).toFixed(5),
    loss: 'championError',
  },
] as const)
  test(
    `a model of ${kind === 'outcome' ? 'classes' : 'a number'} is trained again, tried on ` +
      'labelled rows and promoted',
    async t => {
      const home = folder(t)
      const [dir, data] = [join(home, 'models', model), join(home, 'rows.csv')]
      const features = ['liquidityUsd', 'riskScore']
      const more = kind === 'sequence' ? { head: 'maxProfit', set: 'tabular' } : {}
      table(data, 0, 800, 1, say)
      const train = { ...FLAGS, ...more, kind, label: 'label', features, out: join(dir, '1') }
      await runTrain(data, train, { out: none, log })
      writeAliases(dir, {
        at: 0,
        action: 'alias',
        reason: 'test',
        before: {},
        after: { production: '1' },
      })
      const standard = standardOf(readManifest(join(dir, '1')).metrics)
      assert.ok(standard !== undefined && Number.isFinite(standard.lossHigh))

      table(data, 800, 800, -1, say)
      const first = await look(home, model, data, START + 1600 * HOUR, true)
      assert.deepEqual(
        first.map(line => line.state ?? line.action ?? line.verdict),
        ['started', 'finished', 'better', 'shadow'],
        JSON.stringify(first.at(-1)),
      )
      assert.ok(Number(first[2]![loss]) > 0)
      table(data, 1400, 600, -1, say)
      const second = await look(home, model, data, START + 2000 * HOUR, false)
      assert.equal(
        second.find(line => line.table === 'promotions')?.action,
        'promote',
        JSON.stringify(second),
      )
      assert.equal(readAliases(dir).previous, '1')
      // The market turns back: production fails, and the version before does better.
      table(data, 2000, 400, 1, say)
      const third = await look(home, model, data, START + 2400 * HOUR, false)
      assert.equal(
        third.find(line => line.table === 'promotions')?.action,
        'rollback',
        JSON.stringify(third),
      )
      assert.equal(readAliases(dir).production, '1')
    },
  )

test('a network is trained again on an export with tensors, and compared', async t => {
  const home = folder(t)
  const [dir, data] = [join(home, 'models', 'sequence'), join(home, 'export')]
  const rows = Array.from({ length: 12 }, (_, k) => walkRows(40, `m${k}`)).flat()
  await writeExport(data, rows)
  const flags: NetworkFlags = {
    net: 'small',
    epochs: 1,
    batch: 64,
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
    out: join(dir, '1'),
    note: undefined,
  }
  const { signal } = new AbortController()
  await runTrainNetwork(data, flags, { out: none, log, signal })
  writeAliases(dir, {
    at: 0,
    action: 'alias',
    reason: 'test',
    before: {},
    after: { production: '1' },
  })
  const lines = await look(home, 'sequence', data, START, true)
  const states = lines.map(line => line.state ?? line.action ?? line.verdict)
  assert.deepEqual(states.slice(0, 2), ['started', 'finished'])
  // The same rows, settings and seed: no better, and that is said with numbers.
  assert.deepEqual([states[2], states[3]], ['underpowered', 'refuse'], JSON.stringify(lines))
  assert.equal(lines[2]?.championBrier, lines[2]?.challengerBrier)
  assert.deepEqual(
    readdirSync(dir).filter(name => name.includes('checkpoint')),
    [],
  )
})

test('losses by hand: classes, numbers some unknown, and a guard without accuracy', () => {
  const columns = [Float64Array.of(0.7, 0.2), Float64Array.of(0.2, 0.3), Float64Array.of(0.1, 0.5)]
  const { loss, right } = lossesOf('classes', [Float64Array.of(0, 1)], columns)
  // (0.3² + 0.2² + 0.1²) and (0.2² + 0.7² + 0.5²).
  assert.deepEqual(
    [...loss].map(x => x.toFixed(9)),
    ['0.140000000', '0.780000000'],
  )
  assert.deepEqual([...(right ?? [])], [1, 0])
  assert.equal(likeliest(columns, 1), 2)
  const labels = [Float64Array.of(1, Number.NaN), Float64Array.of(3, 2)]
  const said = [Float64Array.of(0, 9), Float64Array.of(1, 1)]
  assert.deepEqual([...lossesOf('numbers', labels, said).loss], [(1 + 4) / 2, 1])
  const losses = { loss: new Float64Array(150).fill(4) }
  assert.equal(healthOf(losses, 'numbers', { lossHigh: 3, accuracyLow: 0 })?.isDegraded, true)
  assert.equal(healthOf(losses, 'numbers', { lossHigh: 4, accuracyLow: 0 })?.isDegraded, false)
})
