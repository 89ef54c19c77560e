import { type GraphInput, openSession } from '../../onnx/session.ts'
import type { Windows } from '../data/read-windows.ts'
import type { Prepared } from './network-rows.ts'
import type { TrainedModel } from './train-model.ts'

/** A lone row of a network runs as two copies: kernels of one row round otherwise. */
export const MIN_BATCH = 2
const BATCH = 256

/** A trained network, the rows it came from, and what is said about it. */
export interface NetworkRunResult {
  model: TrainedModel
  prepared: Prepared
  windows: Windows
}

/** Outputs of every head for the given rows, [rows] per head, from the file as it is served. */
export async function serveRows(
  { model, prepared }: Pick<NetworkRunResult, 'model' | 'prepared'>,
  rows: readonly number[],
): Promise<Map<string, Float64Array>> {
  const session = await openSession(model.onnx, MIN_BATCH)
  const out = new Map(model.heads.map(({ name }) => [name, new Float64Array(rows.length)]))
  try {
    for (let from = 0; from < rows.length; from += BATCH) {
      const part = rows.slice(from, from + BATCH)
      const found = await session.run(feedsOf(prepared, part), part.length)
      for (const [name, column] of out)
        for (let k = 0; k < part.length; k++) column[from + k] = found.get(name)![k]!
    }
  } finally {
    await session.release()
  }
  return out
}

const shapeOf = (inputs: Prepared['inputs'], name: string): readonly number[] => {
  const input = inputs.find(each => each.name === name)
  return input?.shape ?? [input?.features?.length ?? 0]
}

/** Numbers per row of an input. */
export const sizeOf = (inputs: Prepared['inputs'], name: string): number =>
  shapeOf(inputs, name).reduce((product, side) => product * side, 1)

/** The given rows of every input, as a session takes them. */
export function feedsOf(
  { inputs, raw }: Pick<Prepared, 'inputs' | 'raw'>,
  rows: readonly number[],
): GraphInput[] {
  return inputs.map(({ name }) => {
    const size = sizeOf(inputs, name)
    const data = new Float32Array(rows.length * size)
    for (const [k, row] of rows.entries())
      data.set(raw[name]!.subarray(row * size, (row + 1) * size), k * size)
    return { name, data, shape: shapeOf(inputs, name) }
  })
}
