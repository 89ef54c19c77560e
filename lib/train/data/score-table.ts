import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../base/errors.ts'
import { type BundleInput, featureName } from '../../model/bundle.ts'
import type { LoadedBundle } from '../../model/files.ts'
import { rowHash } from '../../model/seen-rows.ts'
import { type GraphInput, openSession } from '../../onnx/session.ts'
import { columnNames, type Rows, readTable } from '../../table/read-table.ts'
import { toMatrix } from '../../table/table.ts'
import { isExport } from './read-export.ts'
import type { Beside, Scored, Wanted } from './score-lines.ts'

/** Large batches of wide tensors would take gigabytes at once. */
const NUMBERS = 4_000_000

/** The table to measure on: of a folder of train-export its test part. */
export const tableFile = (path: string): string =>
  isExport(path) && existsSync(join(path, 'test.parquet')) ? join(path, 'test.parquet') : path

/**
 * Runs a model on the rows of a table that have a label. Features are columns of their name or
 * `set.name`, tensors are spread over columns of lists. Throws UsageError for columns that are not
 * there.
 */
export async function scoreTable(
  file: string,
  { bundle, model }: LoadedBundle,
  { output, width }: Wanted,
  beside: Beside,
): Promise<Scored> {
  const held = new Set(await columnNames(file))
  const parts: Rows[] = []
  for (const input of bundle.inputs)
    parts.push(
      await readTable(
        file,
        { ...beside, ...columnsOf(input, held) },
        beside.decimal === undefined ? {} : { decimal: beside.decimal },
      ),
    )
  const { words, groups, table } = parts[0]!
  const sides = parts.map(part => part.table.columns.length)
  const matrices = parts.map(part => toMatrix(part.table))
  const step = Math.max(1, Math.floor(NUMBERS / sides.reduce((sum, side) => sum + side, 0)))
  const values = new Float64Array(table.rows * width)
  const session = await openSession(model, bundle.model.minBatch)
  try {
    for (let from = 0; from < table.rows; from += step) {
      const rows = Math.min(step, table.rows - from)
      const feeds = bundle.inputs.map((input, k): GraphInput => {
        const side = sides[k]!
        const data = matrices[k]!.subarray(from * side, (from + rows) * side)
        return { name: input.name, data, shape: input.tensor === undefined ? [side] : input.shape! }
      })
      values.set((await session.run(feeds, rows)).get(output)!, from * width)
    }
  } finally {
    await session.release()
  }
  return {
    words: [...words],
    groups: groups === undefined ? undefined : [...groups],
    values,
    unscored: new Map(),
    hashes: hashesOf(matrices[0]!, sides[0]!),
  }
}

const hashesOf = (matrix: Float32Array, side: number): number[] =>
  Array.from({ length: side === 0 ? 0 : matrix.length / side }, (_, i) =>
    rowHash(matrix.subarray(i * side, (i + 1) * side)),
  )

function columnsOf({ set, features, tensor, shape = [] }: BundleInput, held: ReadonlySet<string>) {
  if (tensor !== undefined) {
    const column = [`${set}.${tensor}`, tensor].find(name => held.has(name))
    if (column === undefined)
      throw new UsageError(
        `no column ${set}.${tensor}: the model reads tensors; give lines of features or an ` +
          'export with --tensors',
      )
    return {
      features: [],
      tensor: { column, width: shape.reduce((product, side) => product * side, 1) },
    }
  }
  const names = (features ?? []).map(featureName)
  return {
    features: names.map(name =>
      !held.has(name) && held.has(`${set}.${name}`) ? `${set}.${name}` : name,
    ),
  }
}
