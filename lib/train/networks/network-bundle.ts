import { createHash } from 'node:crypto'
import { makeRng } from '../../base/rng.ts'
import { groupNumbers } from '../../maths/confidence-interval.ts'
import type { Bundle, BundleHead, Kind } from '../../model/bundle.ts'
import { sha256 } from '../../model/files.ts'
import { DISTANCE } from '../../model/heads.ts'
import { rowHash, sketchOf } from '../../model/seen-rows.ts'
import { openSession } from '../../onnx/session.ts'
import type { Windows } from '../data/read-windows.ts'
import { reportBinary, reportRegression } from '../evaluate/evaluation.ts'
import { base64 } from '../tabular/tabular-bundle.ts'
import { withCenters } from './input-centers.ts'
import type { Prepared } from './network-rows.ts'
import { feedsOf, MIN_BATCH, type NetworkRunResult, serveRows, sizeOf } from './serve-network.ts'
import type { TrainedModel } from './train-model.ts'

const PARITY_ROWS = 4

export interface NetworkAbout {
  name: string
  version: string
  kind: Kind
  net: string
  settings: Record<string, unknown>
  seed: number
  threshold: number
  source: string
  notes: readonly string[]
}

/** Metrics of every head on the test rows that have its label. */
export async function measureNetwork(
  result: NetworkRunResult,
  threshold: number,
): Promise<Bundle['metrics']> {
  const { model, prepared, windows } = result
  const test = [...prepared.slice.keys()].filter(row => prepared.slice[row] === 3)
  const outputs = await serveRows(result, test)
  return model.heads.flatMap(({ name, target }) => {
    const column = prepared.heads.indexOf(name)
    const labelOf = (row: number): number => prepared.labels[row * prepared.heads.length + column]!
    const known = [...test.keys()].filter(k => !Number.isNaN(labelOf(test[k]!)))
    if (known.length === 0) return []
    const label = Float64Array.from(known, k => labelOf(test[k]!))
    const said = Float64Array.from(known, k => outputs.get(name)![k]!)
    const groups = groupNumbers(known.map(k => windows.mints[test[k]!]!))
    const report =
      target.head.kind === 'binary'
        ? reportBinary(label, said, { threshold, groups })
        : reportRegression(label, said, { groups })
    return report.map(metric => ({ head: name, part: 'test', ...metric }))
  })
}

/** bundle.json of a trained network; its parity rows are drawn, never copied from the data. */
export async function networkBundle(
  result: NetworkRunResult,
  about: NetworkAbout,
  metrics: Bundle['metrics'],
): Promise<Bundle> {
  const { model, prepared, windows } = result
  const heads = headsOf(model, about)
  const parity = await parityOf(result, about, heads)
  const baseRate = model.heads.find(({ target }) => target.head.kind === 'binary')?.target.base
  return {
    format: 1,
    name: about.name,
    version: about.version,
    kind: about.kind,
    model: {
      file: 'model.onnx',
      sha256: sha256(model.onnx),
      bytes: model.onnx.length,
      minBatch: MIN_BATCH,
    },
    inputs: withCenters(prepared),
    heads,
    algorithm: {
      name: `network ${about.net}`,
      settings: { ...about.settings, parameters: model.parameters, kept: model.best.epoch },
    },
    seed: about.seed,
    data: {
      source: about.source,
      hash: hashOf(prepared, windows),
      label: model.heads.map(({ name }) => labelText(name, windows)).join(', '),
      ...(baseRate === undefined ? {} : { baseRate }),
      parts: partsOf(prepared, windows),
      seen: seenOf(prepared),
    },
    metrics: [...metrics],
    mostUnknown: mostUnknown(prepared),
    parity,
    notes: [...about.notes, ...remarksOf(model, metrics)],
  }
}

/** Most features that were unknown on one row of the test; of all rows where there is no test. */
function mostUnknown({ inputs, raw, slice }: Prepared): number {
  const named = inputs.filter(({ features }) => features !== undefined)
  const hasTest = slice.includes(3)
  let most = 0
  for (const [row, which] of slice.entries()) {
    if (hasTest ? which !== 3 : which === 255) continue
    let unknown = 0
    for (const { name, features } of named) {
      const width = features!.length
      for (let at = row * width; at < (row + 1) * width; at++)
        if (Number.isNaN(raw[name]![at])) unknown++
    }
    most = Math.max(most, unknown)
  }
  return most
}

/** A sketch of the rows that were learned, stopped or calibrated on, by their first input. */
function seenOf({ inputs, raw, slice }: Prepared): string {
  const { name } = inputs[0]!
  const size = sizeOf(inputs, name)
  const rows = [...slice.keys()].filter(row => slice[row]! < 3)
  return sketchOf(rows.map(row => rowHash(raw[name]!.subarray(row * size, (row + 1) * size))))
}

const labelText = (head: string, { rugHorizon }: Windows): string =>
  head === 'rugRisk' && rugHorizon !== undefined ? `rugRisk (within ${rugHorizon})` : head

function headsOf(model: TrainedModel, { kind, threshold }: NetworkAbout): BundleHead[] {
  if (kind === 'price')
    return [{ name: 'change', output: 'heads', labels: model.heads.map(({ name }) => name) }]
  return model.heads.map(({ name, calibrator }) => ({
    name,
    output: name,
    ...(calibrator === undefined ? {} : { threshold, calibration: calibrator.method }),
  }))
}

/** What could not be learned, calibrated or tested, for people; also in the card. */
export const remarksOf = (
  { heads, skipped, rows }: TrainedModel,
  metrics: Bundle['metrics'],
): string[] => [
  ...skipped.map(({ head, reason }) => `Head ${head} is not there: ${reason}.`),
  ...(rows.valid === 0
    ? ['No rows to stop on: the loss of the training rows decided when to stop.']
    : []),
  ...heads
    .filter(({ calibrator }) => calibrator?.method === 'prior')
    .map(
      ({ name }) =>
        `Head ${name} is not calibrated: too few rows of the rarer class in the calibration part.`,
    ),
  ...heads
    .filter(({ target }) => target.rows < rows.train)
    .map(
      ({ name, target }) =>
        `Head ${name} was learned from ${target.rows} of ${rows.train} rows: those with its label.`,
    ),
  ...heads
    .filter(({ name }) => !metrics.some(({ head }) => head === name))
    .map(({ name }) => `Head ${name} is not tested: no row of the test part has its label.`),
]

async function parityOf(
  { model, prepared }: NetworkRunResult,
  { seed }: NetworkAbout,
  heads: readonly BundleHead[],
): Promise<Bundle['parity']> {
  const drawn = Object.fromEntries(
    prepared.inputs.map(({ name }) => [name, drawRows(prepared, name, seed)]),
  )
  const session = await openSession(model.onnx, MIN_BATCH)
  try {
    const rows = [...Array(PARITY_ROWS).keys()]
    const out = await session.run(feedsOf({ ...prepared, raw: drawn }, rows), PARITY_ROWS)
    return {
      inputs: prepared.inputs.map(({ name }) => ({
        input: name,
        rows: PARITY_ROWS,
        data: base64(drawn[name]!),
      })),
      outputs: Object.fromEntries(
        [...heads.map(({ output }) => output), DISTANCE].map(name => [name, [...out.get(name)!]]),
      ),
    }
  } finally {
    await session.release()
  }
}

/**
 * Candles are a random walk around 1; every other number is drawn within the range of its training
 * column.
 */
function drawRows({ raw, inputs, slice }: Prepared, name: string, seed: number): Float32Array {
  const rng = makeRng(`parity/${seed}/${name}`)
  const size = sizeOf(inputs, name)
  const out = new Float32Array(PARITY_ROWS * size)
  if (name === 'candles') {
    let close = 1
    for (let at = 0; at < out.length; at += 5) {
      const open = close
      close *= Math.exp(0.01 * rng.normal())
      const [high, low] = [
        Math.max(open, close) * (1 + 0.01 * rng.next()),
        Math.min(open, close) * (1 - 0.01 * rng.next()),
      ]
      out.set([open, high, low, close, rng.exponential(1000)], at)
    }
    return out
  }
  const ranges = rangesOf(raw[name]!, size, slice)
  return out.map((_, k) => {
    const { low, high } = ranges[k % size]!
    return low > high ? Number.NaN : low + (high - low) * rng.next()
  })
}

function rangesOf(
  data: Float32Array,
  size: number,
  slice: Uint8Array,
): { low: number; high: number }[] {
  const ranges = Array.from({ length: size }, () => ({
    low: Number.POSITIVE_INFINITY,
    high: Number.NEGATIVE_INFINITY,
  }))
  for (let at = 0; at < data.length; at++) {
    const x = data[at]!
    if (slice[Math.floor(at / size)] !== 0 || !Number.isFinite(x)) continue
    const range = ranges[at % size]!
    range.low = Math.min(range.low, x)
    range.high = Math.max(range.high, x)
  }
  return ranges
}

function partsOf({ slice, labels, heads }: Prepared, { ts }: Windows): Bundle['data']['parts'] {
  return Object.fromEntries(
    ['train', 'stop', 'calibration', 'test'].map((name, which) => {
      const rows = [...slice.keys()].filter(row => slice[row] === which)
      const times = rows.map(row => ts[row]!)
      const positives = rows.filter(row => labels[row * heads.length] === 1).length
      const window = times.length === 0 ? {} : { from: times[0]!, to: times.at(-1)! }
      return [
        name,
        { rows: rows.length, ...(heads[0] === 'profitable' ? { positives } : {}), ...window },
      ]
    }),
  )
}

function hashOf({ raw, labels, slice }: Prepared, { ts }: Windows): string {
  const hash = createHash('sha256')
  for (const data of [...Object.values(raw), labels, ts, slice])
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  return hash.digest('hex')
}
