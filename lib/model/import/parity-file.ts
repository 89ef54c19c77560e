import { readFileSync } from 'node:fs'
import { DataError, messageOf, UsageError } from '../../base/errors.ts'
import { type HeadPlan, type InputPlan, sidesOf } from './import-plan.ts'
import { isNpz, readNpz } from './npz.ts'
import { type RawRows, widthsOf } from './original.ts'

/** Rows of a file and what Python said of them, per head and in the unit of the model. */
export interface GivenRows extends RawRows {
  /** The same rows before they were rounded to float32. */
  doubles: readonly Float64Array[]
  said: readonly (Float64Array | undefined)[]
}

/** Most rows that are compared. */
const MOST = 100_000

/**
 * Reads rows for a comparison: raw inputs by the names of the graph, before any scaler, and outputs
 * by the names of the graph: the arrays of a .npz, or JSON of the same names, in one object or in
 * `inputs` and `outputs`, where null is unknown. Throws UsageError for a file that is not there,
 * and DataError for one that does not fit.
 */
export function readParityFile(
  path: string,
  inputs: readonly InputPlan[],
  heads: readonly (HeadPlan & { output: string })[],
): GivenRows {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw new UsageError(`--parity: ${messageOf(error)}`)
  }
  try {
    const held = bytes.length > 4 && isNpz(bytes) ? fromNpz(bytes) : fromJson(bytes)
    return rowsOf(held, inputs, heads)
  } catch (error) {
    if (error instanceof DataError) throw new DataError(`${path}: ${error.message}`)
    throw error
  }
}

interface Columns {
  data: Float64Array
  rows: number
}
type Held = ReadonlyMap<string, Columns>

const fromNpz = (bytes: Buffer): Held =>
  new Map(
    [...readNpz(bytes)].map(([name, { data, shape }]) => [name, { data, rows: shape[0] ?? 1 }]),
  )

function fromJson(bytes: Buffer): Held {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new DataError('neither JSON nor an archive of numpy')
  }
  const isObject = (x: unknown): x is Record<string, unknown> =>
    typeof x === 'object' && x !== null && !Array.isArray(x)
  if (!isObject(value)) throw new DataError('expected an object of lists by name')
  const parts = [value, value.inputs, value.outputs].filter(isObject)
  const lists = parts.flatMap(part => Object.entries(part)).filter(([, x]) => Array.isArray(x))
  return new Map(
    lists.map(([name, list]) => {
      const flat = (list as unknown[]).flat(Number.POSITIVE_INFINITY)
      const odd = flat.find(x => typeof x !== 'number' && x !== null)
      if (odd !== undefined) throw new DataError(`${name} holds ${String(odd).slice(0, 40)}`)
      const data = Float64Array.from(flat, x => (x === null ? Number.NaN : Number(x)))
      return [name, { data, rows: (list as unknown[]).length }]
    }),
  )
}

function rowsOf(
  held: Held,
  inputs: readonly InputPlan[],
  heads: readonly (HeadPlan & { output: string })[],
): GivenRows {
  const found = inputs.map(({ name }) => {
    const columns = held.get(name)
    if (columns !== undefined) return columns
    const names = [...held.keys()].join(', ')
    throw new DataError(`has no rows for input ${name}, only ${names || 'nothing'}`)
  })
  const count = found[0]!.rows
  if (count === 0 || count > MOST) throw new DataError(`has ${count} rows, 1 to ${MOST} are read`)
  const doubles = inputs.map((plan, k) => placed(plan, found[k]!, count))
  const said = heads.map(({ output, column }) => {
    const columns = held.get(output)
    if (columns === undefined) return undefined
    const width = columns.data.length / count
    if (!Number.isInteger(width) || (column ?? 0) >= width)
      throw new DataError(`${output} has ${columns.data.length} numbers for ${count} rows`)
    if (width > 1 && column === undefined) throw new DataError(`${output} has ${width} columns`)
    return Float64Array.from(
      { length: count },
      (_, row) => columns.data[row * width + (column ?? 0)]!,
    )
  })
  if (said.every(values => values === undefined))
    throw new DataError(`holds no outputs: ${heads.map(({ output }) => output).join(', ')}`)
  return { count, doubles, said, inputs: doubles.map(data => Float32Array.from(data)) }
}

/** Rows as the graph takes them, put to their places in raw rows; the rest is not looked at. */
function placed(plan: InputPlan, { data }: Columns, count: number): Float64Array {
  const { name, raw, rows, columns } = plan
  const [width, taken] = widthsOf(plan)
  const given = data.length / count
  if (given === width) return data
  if (given !== taken)
    throw new DataError(`${name} has ${given} numbers a row, it takes ${sidesOf(plan).join('×')}`)
  const out = new Float64Array(count * width)
  const across = raw.at(-1)!
  const wide = columns?.length ?? across
  for (let at = 0; at < data.length; at++) {
    const row = Math.floor(at / taken)
    const within = at % taken
    const y = raw.length === 1 ? 0 : Math.floor(within / wide)
    const x = within % wide
    out[row * width + (rows?.[y] ?? y) * across + (columns?.[x] ?? x)] = data[at]!
  }
  return out
}
