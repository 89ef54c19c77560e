import { DataError, messageOf } from '../../base/errors.ts'
import { makeRng } from '../../base/rng.ts'
import { openSession, type Session } from '../../onnx/session.ts'
import type { Bundle } from '../bundle.ts'
import type { Forest } from '../foreign-trees/foreign-forest.ts'
import { rowsTurned } from '../foreign-trees/forest-check.ts'
import { checkRange, UNITS } from './head-units.ts'
import type { Edit, InputPlan } from './import-plan.ts'
import { type RawRows, runOriginal, widthsOf } from './original.ts'
import type { GivenRows } from './parity-file.ts'
import type { Plan } from './plan-import.ts'

/** Rows on which both are run, and those of them that the bundle keeps. */
const ROWS = 64
const KEPT = 8

/** Largest difference between the file as it came and what was made of it. */
const LIMIT = 1e-5

/** What the parity rows showed. */
export interface Parity {
  kept: Bundle['parity']
  /** Largest difference from the file as it came. */
  difference: number
  rows: number
  /** Largest difference from what Python said of the rows of a file. */
  python: number | undefined
  /** Rows of the file, not compared, that go another way through trees as float32. */
  turned: number
}

const NOTHING_SAID = { python: undefined, turned: 0 }

interface Tried {
  file: string
  original: Uint8Array
  model: Uint8Array
  edit: Edit
  heads: readonly { name: string; output: string }[]
  /** The trees that the file holds, if it holds such. */
  forest: Forest | undefined
}

/**
 * Runs the file as it came and the model made of it on the same rows, each with some unknown
 * values where the scaler has a centre for them. Throws DataError where they differ by more than
 * 1e-5, where a head is not one finite number per row, and where it cannot be in its unit.
 */
export async function parityOf(tried: Tried, given?: GivenRows): Promise<Parity> {
  const { file, original, model, edit, heads } = tried
  const rows = given ?? rowsAround(edit.inputs)
  const ours = await runOurs(tried, rows)
  const theirs = await runOriginal(original, edit, rows)
  let worst = 0
  for (const [k, { name }] of heads.entries()) {
    ours[k]!.forEach((value, row) => {
      const difference = Math.abs(value - theirs[k]![row]!)
      worst = Math.max(worst, difference)
      if (!(difference <= LIMIT * Math.max(1, Math.abs(value))))
        throw new DataError(
          `${file}: ${name} is ${value} on parity row ${row + 1}, the file as it came says ` +
            `${theirs[k]![row]}`,
        )
    })
    checkRange(name, edit.heads[k]!.unit, ours[k]!)
  }
  const python = given === undefined ? NOTHING_SAID : checkGiven(tried, given, ours)
  return {
    kept: await keptOf(model, edit, heads, rows),
    difference: worst,
    rows: rows.count,
    ...python,
  }
}

/** Compares with what Python said. Throws DataError above the limit, naming head and row. */
function checkGiven(
  { file, edit, heads, forest }: Tried,
  { said, doubles, count }: GivenRows,
  ours: readonly number[][],
): Pick<Parity, 'python' | 'turned'> {
  let worst = 0
  const turned = forest === undefined ? [] : rowsTurned(forest, rowsOf(doubles[0]!, count))
  for (const [k, { name }] of heads.entries()) {
    const { of } = UNITS[edit.heads[k]!.unit]
    said[k]?.forEach((value, row) => {
      if (turned.includes(row)) return
      const ourValue = ours[k]![row]!
      const difference = Math.abs(ourValue - of(value))
      worst = Math.max(worst, difference)
      if (!(difference <= LIMIT * Math.max(1, Math.abs(ourValue))))
        throw new DataError(
          `${file}: ${name} is ${ourValue} on row ${row + 1} of --parity, Python says ` +
            `${of(value)}; scalers, order of features or units are not those of Python`,
        )
    })
  }
  return { python: worst, turned: turned.length }
}

const rowsOf = (data: Float64Array, count: number): Float64Array[] =>
  Array.from({ length: count }, (_, row) => {
    const width = data.length / count
    return data.subarray(row * width, (row + 1) * width)
  })

/**
 * The edit of a plan, changed to one row at a time where the file says other things of rows that it
 * gets together: an exporter that traces one batch may leave its size in the graph while the file
 * says that it is free. That is noted.
 */
export async function trusted(original: Uint8Array, plan: Plan): Promise<Edit> {
  const { edit } = plan
  if (edit.batch !== undefined) return edit
  const rows = rowsAround(edit.inputs)
  const few = { count: 3, inputs: rows.inputs }
  const alone = await runOriginal(original, edit, few)
  const isSame = await runOriginal(original, edit, few, 3).then(
    together =>
      alone.every((values, k) =>
        values.every((value, row) => Math.abs(value - together[k]![row]!) <= LIMIT),
      ),
    () => false,
  )
  if (isSame) return edit
  plan.notes.push('Its rows depend on how many come together: runs row by row.')
  return { ...edit, batch: 1 }
}

/** Rows around the centre of each scaler, its spread wide; without one around 0, 1 wide. */
function rowsAround(inputs: readonly InputPlan[]): RawRows {
  const rng = makeRng('parity')
  const made = inputs.map(plan => {
    const [width] = widthsOf(plan)
    const { scaler, raw } = plan
    const place = placeIn(plan)
    return Float32Array.from({ length: ROWS * width }, (_, at) => {
      const f = place(at % width)
      const normal = rng.normal()
      if (f === undefined || scaler === undefined) return normal
      const middle = Number.isNaN(scaler.centre[f]) ? scaler.offset[f]! : scaler.centre[f]!
      const mayMiss = raw.length === 1 && !Number.isNaN(scaler.centre[f])
      return mayMiss && rng.next() < 0.05 ? Number.NaN : middle + scaler.scale[f]! * normal
    })
  })
  return { count: ROWS, inputs: made }
}

/** Entry of the scaler for a place in a raw row; undefined where that is not taken. */
function placeIn({ raw, rows, columns, scaler }: InputPlan): (at: number) => number | undefined {
  const across = raw.at(-1)!
  const wide = columns?.length ?? across
  return at => {
    const x = columns === undefined ? at % across : columns.indexOf(at % across)
    const down = Math.floor(at / across)
    const y = raw.length === 1 ? 0 : (rows?.indexOf(down) ?? down)
    if (x < 0 || y < 0 || scaler === undefined) return undefined
    return (y * wide + x) % scaler.offset.length
  }
}

const feedsOf = ({ inputs }: Edit, rows: RawRows, count: number) =>
  inputs.map((plan, k) => ({
    name: plan.feed,
    data: rows.inputs[k]!.subarray(0, count * widthsOf(plan)[0]),
    shape: plan.raw,
  }))

/** What the model made of the file says, per head and row. */
async function runOurs({ file, model, edit, heads }: Tried, rows: RawRows): Promise<number[][]> {
  let session: Session | undefined
  try {
    session = await openSession(model, 2)
    const outputs = await session.run(feedsOf(edit, rows, rows.count), rows.count)
    return heads.map(({ name, output }) => {
      const values = Array.from(outputs.get(output) ?? [])
      if (values.length !== rows.count)
        throw new DataError(
          `${file}: ${name} is not one number per row; choose a column with --column`,
        )
      const odd = values.find(value => !Number.isFinite(value))
      if (odd !== undefined) throw new DataError(`${file}: ${name} is ${odd} on a parity row`)
      return values
    })
  } catch (error) {
    if (error instanceof DataError) throw error
    const widths = edit.inputs.map(plan => widthsOf(plan)[1]).join(' and ')
    throw new DataError(
      `${file}: does not run on ${widths} features: ${messageOf(error).split('\n')[0]}`,
    )
  } finally {
    await session?.release()
  }
}

async function keptOf(
  model: Uint8Array,
  edit: Edit,
  heads: Tried['heads'],
  rows: RawRows,
): Promise<Bundle['parity']> {
  const count = Math.min(KEPT, rows.count)
  const session = await openSession(model, 2)
  try {
    const feeds = feedsOf(edit, rows, count)
    const outputs = await session.run(feeds, count)
    return {
      inputs: feeds.map(({ name, data }) => ({
        input: name,
        rows: count,
        data: Buffer.from(data.slice().buffer).toString('base64'),
      })),
      outputs: Object.fromEntries(
        heads.map(({ output }) => [output, Array.from(outputs.get(output) ?? [])]),
      ),
    }
  } finally {
    await session.release()
  }
}
