import { DataError } from '../errors.ts'
import type { LoadedBundle } from '../model/files.ts'
import { openSession } from '../model/session.ts'
import { onePerToken } from '../monitor/one-per-token.ts'
import { groupNumbers } from '../train/metrics/interval.ts'
import { isExport, readExport } from '../train/read-export.ts'
import { type Rows, readTable } from '../train/read-table.ts'
import type { TrainFlags } from '../train/run-train.ts'
import { takeRows, toMatrix } from '../train/table.ts'

/** Labelled rows of an export or a table, with the label as 0 or 1. */
export interface Labelled {
  rows: Rows
  label: Float64Array
  /** Token of each row as a number. */
  groups: Int32Array
  newest: number
}

/** Reads the rows that a recipe trains on. Throws DataError when there is none. */
export async function readLabelled(file: string, recipe: TrainFlags): Promise<Labelled> {
  const features = recipe.features as readonly string[]
  const rows = isExport(file) ? (await readExport(file, recipe)).rows : await readTable(file, { ...recipe, features })
  if (rows.table.rows === 0) throw new DataError(`${file} has no labelled rows`)
  const label = recipe.kind === 'outcome' ? Float64Array.from(rows.words, word => (word === 'RUG' ? 1 : 0)) : rows.label
  const groups = rows.groups === undefined ? Int32Array.from(label, (_, i) => i) : groupNumbers(rows.groups)
  return { rows, label, groups, newest: rows.time.reduce((top, time) => Math.max(top, time), 0) }
}

/** Positions of the rows after a moment of event time, one per token. */
export function laterRows({ rows, groups }: Labelled, after: number): Int32Array {
  const later = Int32Array.from(rows.time.keys()).filter(i => (rows.time[i] as number) > after)
  return onePerToken(later, groups, rows.time, Number.MAX_SAFE_INTEGER).rows
}

/** Probability of yes (of RUG, for classes) of each given row. */
export async function scoreRows(
  { bundle, model }: LoadedBundle,
  rows: Rows,
  wanted: Int32Array,
): Promise<Float64Array> {
  const [head] = bundle.heads
  const labels = head?.labels ?? ['']
  const column = Math.max(0, labels.indexOf('RUG'))
  const table = takeRows(rows.table, wanted)
  const session = await openSession(model, bundle.model.minBatch)
  try {
    const data = toMatrix(table)
    const input = bundle.inputs[0]?.name as string
    const outputs = await session.run([{ name: input, data, shape: [table.columns.length] }], table.rows)
    const values = outputs.get(head?.output as string) as Float32Array
    return Float64Array.from(wanted, (_, i) => values[i * labels.length + column] as number)
  } finally {
    await session.release()
  }
}
