import { SETS } from '../../features/sets.ts'
import type { BundleInput } from '../../model/bundle.ts'
import { take } from '../../table/table.ts'
import type { WindowColumns, Windows } from '../data/read-windows.ts'
import { splitByTime } from '../data/splits.ts'
import type { Later } from '../train-flags.ts'
import type { Transform } from './net/prepare-sequence.ts'
import { PRICE_HORIZONS } from './net/price-network.ts'
import type { NetworkJob } from './run-network.ts'

/** Variants of `--net`. */
export const NETS = ['sequence', 'small', 'attention', 'price'] as const
export type Net = (typeof NETS)[number]

const CONTEXT = ['liquidity', 'marketCap', 'holders', 'ageHours', 'volume24h']
const CANDLE = ['open', 'high', 'low', 'close', 'volume']
/** Running totals since the first bar seen: their level depends on where a recording began. */
const TOTALS = ['obv', 'vpt']
const INDICATORS = SETS.sequence.features.filter(
  ({ name }) => ![...CONTEXT, ...CANDLE, ...TOTALS].includes(name),
)
const STEPS = { sequence: 100, price: 60 }

/** What a network reads from an export. */
export const columnsOf = (net: Net): WindowColumns =>
  net === 'price'
    ? {
        set: 'price',
        tensor: 'window',
        width: STEPS.price * SETS.price.features.length,
        values: [],
      }
    : {
        set: 'sequence',
        tensor: 'candles',
        width: STEPS.sequence * CANDLE.length,
        values: [...CONTEXT, ...INDICATORS.map(({ name }) => name)],
      }

/**
 * 0 train, 1 stopping, 2 calibration, 3 test; 255 is in none: purged between stopping and
 * calibration.
 */
export function slicesOf({ part, ts }: Windows, options: Later): Uint8Array {
  const { horizon, embargo } = options
  const slice = part.map(which => (which === 0 ? 0 : which === 2 ? 3 : 255))
  const valid = Int32Array.from([...part.keys()].filter(row => part[row] === 1))
  const halves = splitByTime(take(ts, valid), { horizon, embargo, valid: 0, test: 0.5 })
  for (const k of halves.train) slice[valid[k]!] = 1
  for (const k of halves.test) slice[valid[k]!] = 2
  return slice
}

/** A network with everything around it that a bundle needs. */
export interface Prepared {
  job: NetworkJob
  inputs: BundleInput[]
  /** Raw tensors by the name of the input they are fed to. */
  raw: Record<string, Float32Array>
  /** Labels [n, heads] and the names of the heads. */
  labels: Float32Array
  heads: readonly string[]
  slice: Uint8Array
}

/** The sequence network over candles, context and the indicators that the export knows. */
export function prepareSequence(
  windows: Windows,
  net: Exclude<Net, 'price'>,
  slice: Uint8Array,
): Prepared {
  const { values, ts } = windows
  const isKnown = (name: string): boolean => values.get(name)?.some(Number.isFinite) === true
  const indicators = INDICATORS.filter(({ name }) => isKnown(name))
  const names = indicators.map(({ name }) => name)
  const raw = {
    candles: windows.tensor,
    context: interleave(windows, CONTEXT),
    ...(names.length === 0 ? {} : { indicators: interleave(windows, names) }),
  }
  const labels = columnsToRows(
    ['profitable', 'maxProfit', 'rug'].map(name => windows.labels.get(name)),
    ts.length,
  )
  const variant = net === 'sequence' ? 'full' : net
  const transforms = indicators.map(({ unit }) => transformOf(unit))
  const rows = { ...raw, indicators: raw.indicators ?? new Float32Array(), labels, ts, slice }
  return {
    job: { kind: 'sequence', rows, options: { variant, transforms } },
    inputs: [
      tensorInput('candles', 'sequence', 'candles', [STEPS.sequence, CANDLE.length]),
      valuesInput('context', CONTEXT),
      ...(names.length === 0 ? [] : [valuesInput('indicators', names)]),
    ],
    raw,
    labels,
    heads: ['profitable', 'maxProfit', 'rugRisk'],
    slice,
  }
}

/**
 * The price network over 60 rows of 10; the label is the change of the close after 5, 10, 15 and 30
 * bars.
 */
export function preparePrice(windows: Windows, barMs: number, slice: Uint8Array): Prepared {
  const labels = changesAhead(windows, barMs)
  return {
    job: {
      kind: 'price',
      rows: { window: windows.tensor, labels, ts: windows.ts, slice },
      options: {},
    },
    inputs: [PRICE_INPUT],
    raw: { candleFeatures: windows.tensor },
    labels,
    heads: PRICE_HORIZONS.map(String),
    slice,
  }
}

/**
 * Change of the close from each row to k bars later. It is read from the close returns (column 0)
 * of the row that is k bars later, of the same mint and in the same part of the export, so that
 * nothing is looked up across a boundary; unknown where there is no such row.
 */
export function changesAhead(
  { tensor, ts, mints, part }: Pick<Windows, 'tensor' | 'ts' | 'mints' | 'part'>,
  barMs: number,
): Float32Array {
  const width = SETS.price.features.length
  const key = (row: number, at: number): string => `${part[row]}/${mints[row]}/${at}`
  const rowAt = new Map(Array.from(ts, (at, row) => [key(row, at), row]))
  const out = new Float32Array(ts.length * PRICE_HORIZONS.length).fill(Number.NaN)
  for (const [row, at] of ts.entries()) {
    for (const [h, bars] of PRICE_HORIZONS.entries()) {
      const later = rowAt.get(key(row, at + bars * barMs))
      if (later === undefined) continue
      let growth = 1
      for (let step = STEPS.price - bars; step < STEPS.price; step++)
        growth *= 1 + tensor[(later * STEPS.price + step) * width]!
      out[row * PRICE_HORIZONS.length + h] = growth - 1
    }
  }
  return out
}

/**
 * Money and counts by their order of magnitude, prices relative to the close, the rest as it is.
 */
function transformOf(unit: string): Transform {
  if (unit === 'price') return 'price'
  return unit === 'currency' || unit === 'count' || unit === 'tokens' ? 'log' : 'plain'
}

const tensorInput = (
  name: string,
  set: 'sequence' | 'price',
  tensor: string,
  shape: number[],
): BundleInput => ({
  name,
  set,
  hash: SETS[set].hash,
  tensor,
  shape,
})

/** What the price network reads. */
export const PRICE_INPUT = tensorInput('candleFeatures', 'price', 'window', [
  STEPS.price,
  SETS.price.features.length,
])

const valuesInput = (name: string, names: readonly string[]): BundleInput => ({
  name,
  set: 'sequence',
  hash: SETS.sequence.hash,
  features: SETS.sequence.features
    .filter(feature => names.includes(feature.name))
    .map(feature => `${feature.name}@${feature.version}:${feature.unit}`),
})

const interleave = ({ values, ts }: Windows, names: readonly string[]): Float32Array =>
  columnsToRows(
    names.map(name => values.get(name)),
    ts.length,
  )

/** Columns side by side, row-major; NaN for a column that is not there. */
function columnsToRows(columns: readonly (Float32Array | undefined)[], rows: number): Float32Array {
  const out = new Float32Array(rows * columns.length).fill(Number.NaN)
  for (const [k, column] of columns.entries())
    for (let row = 0; row < rows; row++) out[row * columns.length + k] = column?.[row] ?? Number.NaN
  return out
}
