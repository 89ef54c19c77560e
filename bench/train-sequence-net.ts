/**
 * Trains the shipped model `sequence-net`: the question of `sequence` asked of a small recurrent
 * network, on a quarter of the same rows in the same windows of time, and compared on the same test
 * rows with it and, where there is a bench/peers/venv (or SLUICE_PEER_PYTHON), with scikit-learn on
 * the same windows.
 *
 *   node --import tsx bench/train-sequence-net.ts [OUT [FILE]]
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeRng } from '../lib/base/rng.ts'
import { groupNumbers } from '../lib/maths/confidence-interval.ts'
import { featureName } from '../lib/model/bundle.ts'
import { cardText } from '../lib/model/card.ts'
import { readBundle, writeBundle } from '../lib/model/files.ts'
import { makeInputReader } from '../lib/model/input.ts'
import { openSession } from '../lib/onnx/session.ts'
import type { Windows } from '../lib/train/data/read-windows.ts'
import { type Comparison, compareModels } from '../lib/train/evaluate/compare.ts'
import { reportBinary } from '../lib/train/evaluate/evaluation.ts'
import { prepareRows, type Tensors } from '../lib/train/networks/net/prepare-rows.ts'
import { sequencePreparation } from '../lib/train/networks/net/prepare-sequence.ts'
import { networkBaselines } from '../lib/train/networks/network-baselines.ts'
import { measureNetwork, networkBundle } from '../lib/train/networks/network-bundle.ts'
import { columnsOf, prepareSequence } from '../lib/train/networks/network-rows.ts'
import { type NetworkJob, runNetwork } from '../lib/train/networks/run-network.ts'
import { serveRows } from '../lib/train/networks/serve-network.ts'
import { calibrate, fitCalibrator } from '../lib/train/tabular/calibration.ts'
import { FILE, GAIN, HOUR, sequenceRows } from './data/sequence-rows.ts'

const out = process.argv[2] ?? 'models/sequence-net/2024-07-28.2'
const file = process.argv[3] ?? FILE
const rival = readBundle(new URL('../models/sequence/2024-07-28.1', import.meta.url).pathname)

const SHARE = 0.25
const EPOCHS = 6
const parts = ['train', 'stop', 'calibration', 'test'].map(name => rival.bundle.data.parts[name]!)

const names = columnsOf('small').values
const input = rival.bundle.inputs[0]!
const reader = makeInputReader(input, () => false)
const vector = new Float32Array(reader.width)
const rows: {
  ts: number
  mint: string
  slice: number
  candles: Buffer
  values: number[]
  rival: Float32Array
}[] = []

/**
 * A quarter of the quarter-hours of each pair, drawn by name and time, in the windows of the other
 * model.
 */
function sliceOf(mint: string, ts: number): number {
  return makeRng(`${mint}/${ts}`).next() < SHARE
    ? parts.findIndex(({ from, to }) => ts >= from! && ts <= to!)
    : -1
}

const gain = await sequenceRows(file, ({ ts, mint = '' }, set) => {
  const slice = sliceOf(mint, ts)
  if (slice < 0 || reader.fill(set, vector, 0, []) !== undefined) return false
  const values = names.map(name => set.indicators?.[name] ?? set.context?.[name] ?? Number.NaN)
  const candles = Buffer.from(set.candles!.data, 'base64')
  rows.push({ ts, mint, slice, candles, values, rival: vector.slice() })
  return true
})

const kept = rows.filter((_, row) => !Number.isNaN(gain[row]!))
const gains = gain.filter(g => !Number.isNaN(g))
const tensor = new Float32Array(kept.length * 500)
for (const [row, { candles }] of kept.entries())
  for (let k = 0; k < 500; k++) tensor[row * 500 + k] = candles.readFloatLE(4 * k)
const first = parts[0]!.from!
const windows: Windows = {
  tensor,
  values: new Map(names.map((name, k) => [name, Float32Array.from(kept, row => row.values[k]!)])),
  labels: new Map([
    ['profitable', Float32Array.from(gains, g => Number(1 + g >= GAIN))],
    ['maxProfit', Float32Array.from(gains)],
  ]),
  ts: Float64Array.from(kept, row => row.ts),
  // Pairs rise and fall together: what is independent is at best the hour.
  mints: kept.map(row => String(Math.floor((row.ts - first) / HOUR))),
  part: new Uint8Array(kept.length),
}
const prepared = prepareSequence(
  windows,
  'small',
  Uint8Array.from(kept, row => row.slice),
)
console.error(
  `${kept.length} rows: ` +
    `${parts.map((_, k) => kept.filter(row => row.slice === k).length).join(', ')}`,
)
const settings = { epochs: EPOCHS, batch: 64, learningRate: 2e-3, patience: 3, balanced: false }
const checkpoint = `${out}.checkpoint`
const model = await runNetwork(
  {
    ...prepared.job,
    options: { ...prepared.job.options, ...settings, seed: 1 },
  } as typeof prepared.job,
  { checkpoint, resume: true, onEpoch: line => console.error(JSON.stringify(line)) },
)
if (model === undefined) throw new Error('stopped')
const result = { model, prepared, windows }
const metrics = await measureNetwork(result, 0.1)

const test = [...kept.keys()].filter(row => kept[row]!.slice === 3)
const label = Float64Array.from(test, row => windows.labels.get('profitable')![row]!)
const options = { threshold: 0.1, groups: groupNumbers(test.map(row => windows.mints[row]!)) }
const own = (await serveRows(result, test)).get('profitable')!
const other = `${rival.bundle.name} ${rival.bundle.version} (${rival.bundle.algorithm.name})`
/**
 * Adds what another model reaches on the test rows, and says in a sentence how the network
 * compares.
 */
function compareWith(who: string, short: string, theirs: Float64Array): string {
  for (const { name, ...metric } of reportBinary(label, theirs, options))
    if (['auc', 'aucByGroup', 'brier', 'brierSkill', 'logLoss'].includes(name))
      metrics.push({
        head: 'profitable',
        part: 'test',
        name: `${name} of ${short} on these rows`,
        ...metric,
      })
  return (
    `Against ${who} on the same ${test.length} test rows: ` +
    `${inWords(compareModels(label, own, theirs, options))}`
  )
}
/** `AUC +0.022 (DeLong p 0.0015), …` */
function inWords(found: Comparison): string {
  const {
    aucDifference = 0,
    aucP = 1,
    brierDifference,
    brierLow = 0,
    brierHigh = 0,
    verdict,
  } = found
  const short = (x: number): string => `${x > 0 ? '+' : ''}${Number(x.toPrecision(2))}`
  return (
    `AUC ${short(aucDifference)} (DeLong p ${Number(aucP.toPrecision(2))}, rows taken as ` +
    `independent); Brier ${short(brierDifference)} (95 % by hour ${short(brierLow)} to ` +
    `${short(brierHigh)}), so ${verdict}; at ${options.threshold} only it was right on ` +
    `${found.onlyFirst} rows, only the other on ${found.onlySecond}.`
  )
}
const said = [
  `${compareWith(other, other, await rivalOn(test))} That one learned from four times the ` +
    'rows, in the same windows of time.',
  ...(await peersOn(test)).map(({ who, short, p }) => compareWith(who, short, p)),
]
for (const sentence of said) console.error(sentence)

function logit(p: number): number {
  const inside = Math.min(Math.max(p, 1e-7), 1 - 1e-7)
  return Math.log(inside / (1 - inside))
}

async function rivalOn(at: readonly number[]): Promise<Float64Array> {
  const session = await openSession(rival.model)
  const data = new Float32Array(at.length * reader.width)
  for (const [k, row] of at.entries()) data.set(kept[row]!.rival, k * reader.width)
  const found = await session.run([{ name: input.name, data, shape: [reader.width] }], at.length)
  await session.release()
  return Float64Array.from(found.get('profitable')!)
}

/**
 * scikit-learn on the scaled windows and tables that the network saw, fitted on the same training
 * rows and calibrated on the same calibration rows as the network.
 */
async function peersOn(
  at: readonly number[],
): Promise<{ who: string; short: string; p: Float64Array }[]> {
  const python =
    process.env.SLUICE_PEER_PYTHON ?? new URL('peers/venv/bin/python', import.meta.url).pathname
  if (!existsSync(python)) return []
  const { rows: given, options: asked } = prepared.job as NetworkJob & { kind: 'sequence' }
  const preparation = sequencePreparation(100, asked.transforms ?? [])
  const tensors = await prepareRows(preparation, model!.scalers, { ...given } as unknown as Tensors)
  const widths = preparation.made.map(({ shape }) =>
    shape.reduce((product, side) => product * side, 1),
  )
  const width = widths.reduce((sum, each) => sum + each, 0)
  const dir = mkdtempSync(join(tmpdir(), 'peer-'))
  const put = (name: string, numbers: Float32Array): void =>
    writeFileSync(join(dir, `${name}.f32`), new Uint8Array(numbers.buffer))
  const flat = (which: readonly number[]): Float32Array => {
    const numbers = new Float32Array(which.length * width)
    for (const [k, row] of which.entries()) {
      let from = k * width
      for (const [m, { name: tensor }] of preparation.made.entries()) {
        numbers.set(tensors[tensor]!.subarray(row * widths[m]!, (row + 1) * widths[m]!), from)
        from += widths[m]!
      }
    }
    return numbers
  }
  const train = [...kept.keys()].filter(row => kept[row]!.slice === 0)
  put('x', flat(train))
  put(
    'y',
    Float32Array.from(train, row => windows.labels.get('profitable')![row]!),
  )
  const later = [...kept.keys()].filter(row => kept[row]!.slice === 2)
  put('xTest', flat([...later, ...at]))
  writeFileSync(join(dir, 'width.json'), JSON.stringify(width))
  const done = spawnSync(python, [new URL('peers/windows.py', import.meta.url).pathname, dir], {
    encoding: 'utf8',
  })
  if (done.status !== 0) throw new Error(done.stderr.slice(-500))
  const { version: release, names: learners } = JSON.parse(done.stdout) as {
    version: string
    names: string[]
  }
  const found = learners.map(learner => {
    const bytes = readFileSync(join(dir, `${learner}.f32`))
    const p = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    )
    const z = Float64Array.from(p, logit)
    const y = Float64Array.from(later, row => windows.labels.get('profitable')![row]!)
    const calibrator = fitCalibrator(z.slice(0, later.length), y)
    const who = `scikit-learn ${release} ${learner} (calibrated alike)`
    return {
      who,
      short: `sklearn ${learner.replace('Classifier', '')}`,
      p: z.slice(later.length).map(score => calibrate(calibrator, score)),
    }
  })
  rmSync(dir, { recursive: true })
  return found
}

const [name, version] = out.split('/').slice(-2) as [string, string]
const about = {
  name,
  version,
  kind: 'sequence' as const,
  net: 'small',
  settings,
  seed: 1,
  threshold: 0.1,
  source:
    '5-minute candles of 297 Binance spot USDT pairs, 2024-07-22 to 2024-07-28, a quarter of ' +
    'the rows per pair and quarter of an hour, through discover --source ohlcv and features ' +
    '--sets sequence; recipe bench/train-sequence-net.ts',
  notes: [
    ...said,
    'It has no alias: it is here to show what a recurrent network of this size adds on ' +
      'candles, and as a start for one trained on more data.',
    'Trained on listed, liquid pairs over three days of one summer. Tokens minutes old, with ' +
      'thin pools, behave otherwise: do not trade them on this model without evaluating it on ' +
      'their own labels first.',
    'A high that touches +3 % is not a fill: costs, price impact and the way back are not in ' +
      'the label. maxProfit is the highest price of the next 12 bars over the close.',
    'Pairs move together: intervals named byGroup, and those of Brier scores and errors, ' +
      'draw whole hours.',
  ],
}
const made = await networkBundle(result, about, metrics)
// What is independent in time is the hour; what a live window counts is the pair.
const byPair = { ...windows, mints: kept.map(row => row.mint) }
const bundle = { ...made, drift: await networkBaselines({ ...result, windows: byPair }) }
writeBundle(out, bundle, model.onnx, cardText(bundle))
rmSync(checkpoint, { force: true })
console.log(
  JSON.stringify({
    out: join(out),
    bytes: bundle.model.bytes,
    features: input.features?.map(featureName).length,
  }),
)
