import type { GraphInput } from '../../onnx/session.ts'
import type { ModelPrediction } from '../../records/prediction.ts'
import { type Bundle, type BundleInput, featureName } from '../bundle.ts'
import { TENSORS } from '../set-tensors.ts'

type Moved = NonNullable<ModelPrediction['moved']>

/** Asks a model about rows; undefined where it gives no answer. */
type Run = (
  feeds: readonly GraphInput[],
  rows: number,
) => Promise<ReadonlyMap<string, Float32Array> | undefined>

/**
 * Tells what moved row `row` of a run most; asks the model once more for each of its inputs. Empty
 * where that is not answered.
 */
type FindMoved = (
  feeds: readonly GraphInput[],
  outputs: ReadonlyMap<string, Float32Array>,
  row: number,
) => Promise<{ moved?: Moved }>

/** Inputs that are named. */
const MOST = 5

/** The numbers of one row, by input. */
type Row = readonly Float32Array[]

/** One thing of a row that is put at its centre, all others as they are. */
interface Change {
  name: string
  /** Input of the graph that it is in. */
  at: number
  /** What the row says; undefined for more than one number. */
  value(row: Row): number | undefined
  /** Changes `out`, a copy of the row's numbers of that input. */
  put(out: Float32Array, row: Row): void
}

/**
 * For each input feature the change of the first head (of its likeliest class, of its first number)
 * against the same row with that one input at its centre; the five largest, none that changes
 * nothing. Columns of a tensor with a centre are one input each, at their centre in every row of
 * it; candles are one input together, against a flat window (`flatten`). One at a time: what two of
 * them do together is in neither, and the changes need not add up. Undefined for a bundle of which
 * nothing can be told apart.
 */
export function makeMoved(bundle: Bundle, run: Run): FindMoved | undefined {
  const changes = changesOf(bundle)
  if (changes.length === 0) return undefined
  const head = bundle.heads[0]!
  const columns = head.labels?.length ?? 1
  return async (feeds, outputs, row) => {
    const own = feeds.map(feed => rowOf(feed, row))
    const without = (await run(changed(feeds, own, changes), changes.length))?.get(head.output)
    if (without === undefined) return {}
    const said = outputs.get(head.output)!.subarray(row * columns, (row + 1) * columns)
    const pick = head.name === 'probabilities' ? said.indexOf(Math.max(...said)) : 0
    const moved = changes
      .map(({ name, value }, k) => ({
        name,
        ...shown(value(own)),
        change: Math.round((said[pick]! - without[k * columns + pick]!) * 1e6) / 1e6,
      }))
      .filter(({ change }) => Number.isFinite(change) && change !== 0)
      .sort((a, b) => Math.abs(b.change) - Math.abs(a.change) || (a.name < b.name ? -1 : 1))
      .slice(0, MOST)
    return { moved }
  }
}

/** A value as it is told; nothing where it is unknown or no single number. */
const shown = (value: number | undefined): { value?: number } =>
  value === undefined || Number.isNaN(value) ? {} : { value: Number(value.toPrecision(7)) }

const widthOf = ({ shape }: GraphInput): number =>
  shape.reduce((product, side) => product * side, 1)

const rowOf = (feed: GraphInput, row: number): Float32Array => {
  const width = widthOf(feed)
  return feed.data.subarray(row * width, (row + 1) * width)
}

/** As many copies of a row as there are changes, the k-th with the k-th of them. */
function changed(feeds: readonly GraphInput[], own: Row, changes: readonly Change[]): GraphInput[] {
  return feeds.map((feed, input) => {
    const width = widthOf(feed)
    const data = new Float32Array(changes.length * width)
    for (const [k, { at, put }] of changes.entries()) {
      const out = data.subarray(k * width, (k + 1) * width)
      out.set(own[input]!)
      if (at === input) put(out, own)
    }
    return { ...feed, data }
  })
}

function changesOf(bundle: Bundle): Change[] {
  const { inputs } = bundle
  const candles = inputs.findIndex(isCandles)
  return inputs.flatMap((input, at) => {
    const prefix = inputs.some((other, k) => k !== at && sharesName(input, other))
      ? `${input.name}.`
      : ''
    if (input.features !== undefined) return featureChanges(bundle, at, prefix, candles)
    if (isCandles(input)) return [flatCandles(input, at)]
    return columnChanges(input, at)
  })
}

const isCandles = ({ tensor }: BundleInput): boolean => tensor === 'candles'

const sharesName = ({ features = [] }: BundleInput, other: BundleInput): boolean =>
  other.features?.some(id => features.map(featureName).includes(featureName(id))) === true

/** Features of an input, each at its centre; none where that is not known. */
function featureChanges(bundle: Bundle, at: number, prefix: string, candles: number): Change[] {
  const input = bundle.inputs[at]!
  const names = input.features!.map(id => `${prefix}${featureName(id)}`)
  const { distribution } = bundle
  if (input.center !== undefined) {
    const { values, prices = [] } = input.center
    const closeOf = (row: Row): number => newestClose(row[candles])
    return changesTo(names, at, f => {
      const value = values[f]
      if (value === null || value === undefined) return undefined
      return row => (prices.includes(f) ? value * closeOf(row) : value)
    })
  }
  if (distribution?.center.length !== names.length) return []
  const { center, by, prices = [] } = distribution
  // Prices are relative to a column, whose own level says nothing.
  return changesTo(names, at, f =>
    f === by
      ? undefined
      : row => center[f]! * (by !== undefined && prices.includes(f) ? row[at]![by]! : 1),
  )
}

function changesTo(
  names: readonly string[],
  at: number,
  centerOf: (f: number) => ((row: Row) => number) | undefined,
): Change[] {
  return names.flatMap((name, f) => {
    const center = centerOf(f)
    if (center === undefined) return []
    return [
      {
        name,
        at,
        value: row => row[at]![f]!,
        put(out, row) {
          out[f] = center(row)
        },
      },
    ]
  })
}

const CLOSE = 3
const COLUMNS = 5

/** Close of the newest candle; NaN where there are none. */
const newestClose = (candles: Float32Array | undefined): number =>
  candles?.[candles.length - COLUMNS + CLOSE] ?? Number.NaN

const flatCandles = ({ name }: BundleInput, at: number): Change => ({
  name,
  at,
  value: () => undefined,
  put: flatten,
})

/** Candles without a history: all prices are the newest close, all volumes the mean of them. */
function flatten(out: Float32Array): void {
  const close = newestClose(out)
  const bars = out.length / COLUMNS
  let volume = 0
  for (let bar = 0; bar < bars; bar++) volume += out[bar * COLUMNS + 4]! / bars
  for (let bar = 0; bar < bars; bar++) out.set([close, close, close, close, volume], bar * COLUMNS)
}

/** Columns of another tensor, each at its centre in all of its rows. */
function columnChanges({ name, set, center }: BundleInput, at: number): Change[] {
  const columns = TENSORS[set]?.columns ?? []
  return columns.flatMap((column, c) => {
    const value = center?.values[c]
    if (value === null || value === undefined) return []
    return [
      {
        name: `${name}.${column}`,
        at,
        value: row => row[at]!.at(c - columns.length)!,
        put(out) {
          for (let k = c; k < out.length; k += columns.length) out[k] = value
        },
      },
    ]
  })
}

const WHOSE = {
  training: 'the training rows',
  scaler: 'the scaler',
  parity: 'the parity rows',
} as const

/** What inputs are compared with, for people. */
export function comparedWith({ inputs, distribution }: Bundle): string {
  const whose = new Set(inputs.flatMap(({ center }) => (center === undefined ? [] : [center.of])))
  if (distribution !== undefined) whose.add('training')
  const centers = [...whose].map(of => `the centre of ${WHOSE[of]}`).join(' or ')
  const flat = inputs.some(isCandles) ? 'candles against a flat window' : undefined
  if (centers === '') return `Against the same line, ${flat}:`
  const rest = flat === undefined ? '' : `, ${flat}`
  return `Against each input at ${centers}${rest}, one at a time:`
}

/** Which inputs cannot be told apart for a bundle, and why; undefined where all can. */
export function untold(bundle: Bundle): string | undefined {
  const told = new Set(changesOf(bundle).map(({ at }) => at))
  if (told.size === 0)
    return (
      'does not say what its training rows are centred on (distribution, or center of an input): ' +
      'which inputs moved it is unknown'
    )
  const missing = bundle.inputs.filter((_, at) => !told.has(at)).map(({ name }) => name)
  if (missing.length === 0) return undefined
  return (
    `does not say what ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} centred on: ` +
    'moved names others alone'
  )
}
