/**
 * Trains the shipped model `sequence-net`: the question of `sequence` asked of a small recurrent network, on a quarter of
 * the same rows in the same windows of time, and compared with it on the same test rows.
 *
 *   node --import tsx bench/train-sequence-net.ts [OUT [FILE]]
 */
import { join } from 'node:path'
import { featureName } from '../lib/model/bundle.ts'
import { cardText } from '../lib/model/card.ts'
import { readBundle, writeBundle } from '../lib/model/files.ts'
import { makeInputReader } from '../lib/model/input.ts'
import { openSession } from '../lib/model/session.ts'
import { makeRng } from '../lib/rng.ts'
import { type Comparison, compareModels } from '../lib/train/metrics/compare.ts'
import { groupNumbers } from '../lib/train/metrics/interval.ts'
import { reportBinary } from '../lib/train/metrics/report.ts'
import { measureNetwork, networkBundle, serveRows } from '../lib/train/network-bundle.ts'
import { columnsOf, prepareSequence } from '../lib/train/network-rows.ts'
import type { Windows } from '../lib/train/read-windows.ts'
import { runNetwork } from '../lib/train/run-network.ts'
import { FILE, GAIN, HOUR, sequenceRows } from './data/sequence-rows.ts'

const out = process.argv[2] ?? 'models/sequence-net/2024-07-28.1'
const file = process.argv[3] ?? FILE
const rival = readBundle(new URL('../models/sequence/2024-07-28.1', import.meta.url).pathname)

const SHARE = 0.25
const EPOCHS = 6
const parts = ['train', 'stop', 'calibration', 'test'].map(name => rival.bundle.data.parts[name]!)

const names = columnsOf('small').values
const input = rival.bundle.inputs[0]!
const reader = makeInputReader(input, () => false)
const vector = new Float32Array(reader.width)
const rows: { ts: number; mint: string; slice: number; candles: Buffer; values: number[]; rival: Float32Array }[] = []

/** A quarter of the quarter-hours of each pair, drawn by name and time, in the windows of the other model. */
function sliceOf(mint: string, ts: number): number {
  return makeRng(`${mint}/${ts}`).next() < SHARE ? parts.findIndex(({ from, to }) => ts >= from! && ts <= to!) : -1
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
console.error(`${kept.length} rows: ${parts.map((_, k) => kept.filter(row => row.slice === k).length).join(', ')}`)
const settings = { epochs: EPOCHS, batch: 64, learningRate: 2e-3, patience: 3, balanced: false }
const model = await runNetwork(
  { ...prepared.job, options: { ...prepared.job.options, ...settings, seed: 1 } } as typeof prepared.job,
  { onEpoch: line => console.error(JSON.stringify(line)) },
)
if (model === undefined) throw new Error('stopped')
const result = { model, prepared, windows }
const metrics = await measureNetwork(result, 0.1)

const test = [...kept.keys()].filter(row => kept[row]!.slice === 3)
const label = Float64Array.from(test, row => windows.labels.get('profitable')![row]!)
const options = { threshold: 0.1, groups: groupNumbers(test.map(row => windows.mints[row]!)) }
const own = (await serveRows(result, test)).get('profitable')!
const session = await openSession(rival.model)
const data = new Float32Array(test.length * reader.width)
for (const [k, row] of test.entries()) data.set(kept[row]!.rival, k * reader.width)
const said = await session.run([{ name: input.name, data, shape: [reader.width] }], test.length)
await session.release()
const theirs = Float64Array.from(said.get('profitable')!)
const other = `${rival.bundle.name} ${rival.bundle.version} (${rival.bundle.algorithm.name})`
for (const { name, ...metric } of reportBinary(label, theirs, options))
  if (['auc', 'aucByGroup', 'brier', 'brierSkill', 'logLoss'].includes(name))
    metrics.push({ head: 'profitable', part: 'test', name: `${name} of ${other} on these rows`, ...metric })
const comparison = compareModels(label, own, theirs, options)
console.error(JSON.stringify(comparison))
/** `AUC +0.022 (DeLong p 0.0015), …` */
function inWords(found: Comparison): string {
  const { aucDifference = 0, aucP = 1, brierDifference, brierLow = 0, brierHigh = 0, verdict } = found
  const short = (x: number): string => `${x > 0 ? '+' : ''}${Number(x.toPrecision(2))}`
  return `AUC ${short(aucDifference)} (DeLong p ${Number(aucP.toPrecision(2))}, rows taken as independent); Brier ${short(brierDifference)} (95 % by hour ${short(brierLow)} to ${short(brierHigh)}), so ${verdict}; at ${options.threshold} only it was right on ${found.onlyFirst} rows, only the other on ${found.onlySecond}.`
}
const [name, version] = out.split('/').slice(-2) as [string, string]
const about = {
  ...{ name, version, kind: 'sequence' as const, net: 'small', settings, seed: 1, threshold: 0.1 },
  source:
    '5-minute candles of 297 Binance spot USDT pairs, 2024-07-22 to 2024-07-28, a quarter of the rows per pair and quarter of an hour, through discover --source ohlcv and features --sets sequence; recipe bench/train-sequence-net.ts',
  notes: [
    `Against ${other} on the same ${test.length} test rows: ${inWords(comparison)} That one learned from four times the rows, in the same windows of time.`,
    'It has no alias: it is here to show what a recurrent network of this size adds on candles, and as a start for one trained on more data.',
    'Trained on listed, liquid pairs over three days of one summer. Tokens minutes old, with thin pools, behave otherwise: do not trade them on this model without evaluating it on their own labels first.',
    'A high that touches +3 % is not a fill: costs, price impact and the way back are not in the label. maxProfit is the highest price of the next 12 bars over the close.',
    'Pairs move together: intervals named byGroup, and those of Brier scores and errors, draw whole hours.',
  ],
}
const bundle = await networkBundle(result, about, metrics)
writeBundle(out, bundle, model.onnx, cardText(bundle))
console.log(
  JSON.stringify({ out: join(out), bytes: bundle.model.bytes, features: input.features?.map(featureName).length }),
)
