import type { GraphInput } from '../onnx/session.ts'
import type { FeatureSet } from '../records/features.ts'
import type { Rec } from '../records/record.ts'
import { type BundleInput, featureName } from './bundle.ts'
import { TENSORS } from './set-tensors.ts'

/** Why a line cannot be scored. */
interface Unready {
  error: 'not-ready' | 'feature-hash' | 'bad-tensor'
  reason: string
}

export interface InputReader {
  /** Numbers of one row. */
  width: number
  set: string
  shape: readonly number[]
  /**
   * Fills `out` at `at` from a line's set, NaN where unknown; the names of the unknown go to
   * `unknown`.
   */
  fill(set: FeatureSet, out: Float32Array, at: number, unknown: string[]): Unready | undefined
}

/**
 * Reads one input of a model by name from the values, indicators, context or tensors of a feature
 * set. `isCurrent` says whether another hash than the bundle's still holds the selected features in
 * the same versions.
 */
export function makeInputReader(
  input: BundleInput,
  isCurrent: (set: string, hash: string) => boolean,
): InputReader {
  // Selected features are found by name; the columns of a tensor have none, so its set must be the
  // very same.
  const isKnown = (hash: string): boolean =>
    hash === input.hash || (input.tensor === undefined && isCurrent(input.set, hash))
  const accepts = (set: FeatureSet): Unready | undefined => {
    if (!set.ready) return { error: 'not-ready', reason: set.reason ?? `${input.set} is not ready` }
    if (isKnown(set.hash)) return undefined
    return {
      error: 'feature-hash',
      reason: `features.${input.set} is ${set.hash}, the model was trained on ${input.hash}`,
    }
  }
  return input.tensor === undefined
    ? valueReader(input, accepts)
    : tensorReader(input, input.tensor, accepts)
}

type Accept = (set: FeatureSet) => Unready | undefined

function valueReader(input: BundleInput, accepts: Accept): InputReader {
  const names = (input.features ?? []).map(featureName)
  const picks = names.map(name => pickOf(name, input.set))
  return {
    width: names.length,
    set: input.set,
    shape: [names.length],
    fill(set, out, at, unknown) {
      const reason = accepts(set)
      if (reason !== undefined) return reason
      for (let f = 0; f < picks.length; f++) {
        const value = picks[f]!(set)
        out[at + f] = value
        if (Number.isNaN(value)) unknown.push(names[f]!)
      }
      return undefined
    },
  }
}

type Pick = (set: FeatureSet) => number

function pickOf(name: string, set: string): Pick {
  const tensor = TENSORS[set]
  const column = tensor?.columns.indexOf(name) ?? -1
  if (tensor !== undefined && column >= 0) return from => lastOf(from, tensor.name, column)
  return from =>
    from.values?.[name] ?? from.indicators?.[name] ?? from.context?.[name] ?? Number.NaN
}

/** One number of the newest row, decoding four bytes only. */
function lastOf(set: FeatureSet, name: 'candles' | 'window', column: number): number {
  const tensor = set[name]
  const [rows = 0, columns = 0] = tensor?.shape ?? []
  const byte = 4 * ((rows - 1) * columns + column)
  const from = Math.floor(byte / 3) * 4
  const bytes = Buffer.from(tensor?.data.slice(from, from + 12) ?? '', 'base64')
  const offset = byte - (from / 4) * 3
  return rows > 0 && bytes.length >= offset + 4 ? bytes.readFloatLE(offset) : Number.NaN
}

function tensorReader(input: BundleInput, name: string, accepts: Accept): InputReader {
  const shape = input.shape ?? []
  const width = shape.reduce((product, side) => product * side, 1)
  return {
    width,
    set: input.set,
    shape,
    fill(set, out, at) {
      const reason = accepts(set)
      if (reason !== undefined) return reason
      const tensor = name === 'candles' ? set.candles : set.window
      const bytes = Buffer.from(tensor?.data ?? '', 'base64')
      if (
        tensor === undefined ||
        tensor.shape.join() !== shape.join() ||
        bytes.length !== 4 * width
      )
        return {
          error: 'bad-tensor',
          reason: `features.${input.set}.${name} is not ${shape.join('×')} numbers`,
        }
      for (let k = 0; k < width; k++) out[at + k] = bytes.readFloatLE(4 * k)
      return undefined
    },
  }
}

/** Reader of all inputs of a model: rows of several lines are collected into one batch. */
export interface BatchReader {
  sets: readonly string[]
  /**
   * Adds a row; returns its reason when the line cannot be scored, and the unknown features
   * otherwise.
   */
  add(rec: Rec): Unready | { unknown: string[] }
  rows(): number
  /** Numbers per row of each input. */
  widths: readonly number[]
  /** The bits of all rows, per input; until the next row is added. */
  bits(): Uint32Array[]
  /** The numbers of a row of the first input. */
  numbers(row: number): Float32Array
  /** Forgets the newest row. */
  drop(): void
  /** The collected rows, after which the reader is empty. */
  take(): GraphInput[]
}

/**
 * Collects rows for all inputs of one model. Buffers grow with the largest batch and are reused.
 */
export function makeBatchReader(
  inputs: readonly BundleInput[],
  isCurrent: (set: string, hash: string) => boolean,
): BatchReader {
  const readers = inputs.map(input => makeInputReader(input, isCurrent))
  let buffers = readers.map(reader => new Float32Array(reader.width * 64))
  let bits = buffers.map(bitsOf)
  let rows = 0
  const grow = (): void => {
    buffers = buffers.map(buffer => {
      const larger = new Float32Array(buffer.length * 2)
      larger.set(buffer)
      return larger
    })
    bits = buffers.map(bitsOf)
  }
  return {
    sets: [...new Set(readers.map(reader => reader.set))],
    add(rec) {
      if ((rows + 1) * readers[0]!.width > buffers[0]!.length) grow()
      const unknown: string[] = []
      for (let k = 0; k < readers.length; k++) {
        const reader = readers[k]!
        const set = rec.features?.[reader.set] as FeatureSet
        const reason = reader.fill(set, buffers[k]!, rows * reader.width, unknown)
        if (reason !== undefined) return reason
      }
      rows++
      return { unknown }
    },
    rows: () => rows,
    widths: readers.map(reader => reader.width),
    bits: () => bits,
    numbers(row) {
      const { width } = readers[0]!
      return buffers[0]!.subarray(row * width, (row + 1) * width)
    },
    drop() {
      rows--
    },
    take() {
      const taken = rows
      rows = 0
      return readers.map((reader, k) => ({
        name: inputs[k]!.name,
        data: buffers[k]!.subarray(0, taken * reader.width),
        shape: reader.shape,
      }))
    },
  }
}

const bitsOf = (floats: Float32Array): Uint32Array => new Uint32Array(floats.buffer)
