/**
 * Trains the shipped model `sequence`: will a pair trade 3 % above its last close within the next
 * hour?
 *
 *   node --import tsx bench/train-sequence.ts [OUT [FILE]]
 *
 * Candles go through `discover --source ohlcv | features --sets sequence`, so that the features are
 * those of serving. One row per pair and quarter of an hour; the label looks at the highs of the
 * next 12 bars; split by time, purged by the hour that a label needs.
 */
import { makeInputReader } from '../lib/model/input.ts'
import { inputOf } from '../lib/model/set-input.ts'
import { take, takeRows } from '../lib/table/table.ts'
import { splitByTime } from '../lib/train/data/splits.ts'
import { reportRanks } from '../lib/train/evaluate/evaluation.ts'
import { trainHead, writeTrained } from '../lib/train/tabular/train-head.ts'
import { FILE, GAIN, HOUR, sequenceRows } from './data/sequence-rows.ts'
import { peersOf } from './peers/peer.ts'

const out = process.argv[2] ?? 'models/sequence/2024-07-28.1'
const file = process.argv[3] ?? FILE

const PRICES = [
  'open',
  'high',
  'low',
  'close',
  'macd',
  'macdSignal',
  'macdHistogram',
  'ema12',
  'ema26',
  'atr14',
]
const FREE = [
  'rsi14',
  'bbWidth',
  'volatility20',
  'parkinson20',
  'roc10',
  'stochK',
  'stochD',
  'williamsR14',
  'mfi14',
]
const NAMES = [...PRICES, ...FREE]
const input = inputOf('sequence', NAMES)
const reader = makeInputReader(input, () => false)
const vector = new Float32Array(NAMES.length)
const columns: number[][] = NAMES.map(() => [])
const time: number[] = []
const gain = await sequenceRows(file, (rec, set) => {
  if (reader.fill(set, vector, 0, []) !== undefined) return false
  time.push(rec.ts)
  for (const [f, value] of vector.entries()) columns[f]!.push(value)
  return true
})

const keep = Int32Array.from(gain.keys()).filter(i => !Number.isNaN(gain[i]!))
const at = Float64Array.from(keep, i => time[i]!)
const first = at.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
const whole = {
  table: {
    names: NAMES,
    rows: keep.length,
    columns: columns.map(column => Float32Array.from(keep, i => column[i]!)),
  },
  label: Float64Array.from(keep, i => Number(1 + gain[i]! >= GAIN)),
  time: at,
  // Pairs rise and fall together, and labels of one hour overlap: what is independent is at best
  // the hour.
  groups: Int32Array.from(at, ms => Math.floor((ms - first) / HOUR)),
}
const [name, version] = out.split('/').slice(-2) as [string, string]
const options = {
  whole,
  head: 'profitable',
  settings: {
    algo: 'gbdt' as const,
    objective: 'binary' as const,
    classes: 2,
    rounds: 400,
    leaves: 15,
    rate: 0.05,
    minLeaf: 200,
    l2: 1,
    trees: 0,
    rowShare: 0.8,
    featureShare: 0.7,
    patience: 30,
    seed: 1,
    calibrate: true,
  },
  split: { valid: 0.25, test: 0.25, horizon: HOUR, embargo: 0, disjoint: false },
  prices: { by: NAMES.indexOf('close'), columns: PRICES.map(price => NAMES.indexOf(price)) },
  about: {
    name,
    version,
    kind: 'sequence' as const,
    input,
    source:
      '5-minute candles of 297 Binance spot USDT pairs, 2024-07-22 to 2024-07-28, one row ' +
      'per pair and quarter of an hour, through discover --source ohlcv and features --sets ' +
      'sequence; recipe bench/train-sequence.ts',
    label: 'profitable: highest price of the next 12 bars is at least 3 % above the close',
    threshold: 0.1,
    notes: [
      'Trained on listed, liquid pairs over six days of one summer. Tokens minutes old, with ' +
        'thin pools, behave otherwise: do not trade them on this model without evaluating it ' +
        'on their own labels first.',
      'Most of what it knows is how volatile a pair has been: the metrics “auc of … alone” ' +
        'show what a single number reaches on the same rows. It says little about direction.',
      'A high that touches +3 % is not a fill: costs, price impact and the way back are not ' +
        'in the label.',
      'Pairs move together. Intervals named byGroup, and those of Brier scores and log loss, ' +
        'draw whole hours; the plain AUC and threshold intervals treat rows as independent and ' +
        'are too narrow.',
      'The test is about a day and a half. Another week can have another base rate; the ' +
        'calibration will then be off.',
    ],
  },
}
const { trained, metrics } = trainHead(options)
// What one number alone would reach: volatility decides most of whether 3 % is within reach.
const { test } = splitByTime(whole.time, { ...options.split })
const label = take(whole.label, test)
const groups = test.map(i => whole.groups[i]!)
for (const single of ['volatility20', 'parkinson20', 'bbWidth']) {
  const column = Float64Array.from(takeRows(whole.table, test).columns[NAMES.indexOf(single)]!)
  for (const { name, ...figures } of reportRanks(label, column, { groups }))
    if (name !== 'averagePrecision')
      metrics.push({
        head: 'profitable',
        part: 'test',
        name: `${name} of ${single} alone`,
        ...figures,
      })
}
const about = { ...options.about, peers: peersOf(options) }
const bundle = await writeTrained(out, trained, about, metrics)
for (const metric of metrics.filter(each => each.part === 'test'))
  console.log(JSON.stringify(metric))
console.log(
  JSON.stringify({
    out,
    kept: bundle.algorithm.settings.kept,
    bytes: bundle.model.bytes,
    sha256: bundle.model.sha256,
  }),
)
