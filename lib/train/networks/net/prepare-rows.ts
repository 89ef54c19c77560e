import { encodeModel } from '../../../onnx/encode-model.ts'
import { type Graph, makeGraph } from '../../../onnx/graph.ts'
import { type Numbers, openSession } from '../../../onnx/ort.ts'
import type { Input } from './network.ts'
import { emitScaled, type Preparation, type Scaler, type Scalers } from './preparation.ts'

/** Tensors of n rows by name. */
export type Tensors = Record<string, Float32Array>

const ROWS = 256
const length = ({ shape }: Input): number => shape.reduce((product, side) => product * side, 1)

/**
 * Mean and spread of every prepared column over the given rows only, computed by the serving nodes
 * themselves.
 */
export async function fitScalers(
  preparation: Preparation,
  raw: Tensors,
  rows: readonly number[],
): Promise<Scalers> {
  const graph = makeGraph('prepare')
  declareRaw(graph, preparation)
  const groups = preparation.emit(graph)
  for (const { name, columns } of groups)
    graph.output(columns, ['N', ...leading(preparation, name), preparation.columns[name]!])
  const moments = groups.map(({ name }) => makeMoments(preparation.columns[name]!))
  await runRows(encodeModel(graph), preparation.raw, raw, rows, found => {
    for (const [i, { columns }] of groups.entries()) moments[i]!.add(found[columns]!)
  })
  return Object.fromEntries(groups.map(({ name }, i) => [name, moments[i]!.scaler()]))
}

/** Prepared tensors of all rows: what the network trains on. */
export async function prepareRows(
  preparation: Preparation,
  scalers: Scalers,
  raw: Tensors,
): Promise<Tensors> {
  const graph = makeGraph('prepare')
  declareRaw(graph, preparation)
  const names = preparation
    .emit(graph)
    .map(group => ({ group: group.name, value: emitScaled(graph, group, scalers[group.name]!) }))
  for (const { group, value } of names) graph.output(value, ['N', ...shapeOf(preparation, group)])
  const first = preparation.raw[0]!
  const n = raw[first.name]!.length / length(first)
  const out = Object.fromEntries(
    preparation.made.map(made => [made.name, new Float32Array(n * length(made))]),
  )
  const filled = new Map<string, number>()
  await runRows(encodeModel(graph), preparation.raw, raw, [...Array(n).keys()], found => {
    for (const { group, value } of names) {
      const at = filled.get(group) ?? 0
      out[group]!.set(found[value]!, at)
      filled.set(group, at + found[value]!.length)
    }
  })
  return out
}

const shapeOf = ({ made }: Preparation, name: string): readonly number[] =>
  made.find(input => input.name === name)!.shape
const leading = (preparation: Preparation, name: string): readonly number[] =>
  shapeOf(preparation, name).slice(0, -1)

/** Declares the raw inputs with a free number of rows. */
export function declareRaw(graph: Graph, { raw }: Preparation): void {
  for (const { name, shape } of raw) graph.input(name, ['N', ...shape])
}

/** Runs the given rows through a graph piece by piece and hands over what each piece gave. */
export async function runRows(
  model: Uint8Array,
  inputs: readonly Input[],
  tensors: Tensors,
  rows: readonly number[],
  take: (found: Record<string, Float32Array>, from: number) => void,
): Promise<void> {
  const session = await openSession(model)
  try {
    for (let from = 0; from < rows.length; from += ROWS)
      take(await session.run(gather(inputs, tensors, rows.slice(from, from + ROWS))), from)
  } finally {
    await session.release()
  }
}

/** The given rows of each tensor, side by side. */
export function gather(
  inputs: readonly Input[],
  tensors: Tensors,
  rows: readonly number[],
): Record<string, Numbers> {
  const one = (input: Input): Numbers => {
    const size = length(input)
    const data = new Float32Array(rows.length * size)
    for (const [i, row] of rows.entries())
      data.set(tensors[input.name]!.subarray(row * size, (row + 1) * size), i * size)
    return { data, shape: [rows.length, ...input.shape] }
  }
  return Object.fromEntries(inputs.map(input => [input.name, one(input)]))
}

/** Welford’s running mean and variance per column; numbers that are not finite are left out. */
function makeMoments(columns: number): { add(data: Float32Array): void; scaler(): Scaler } {
  const count = new Float64Array(columns)
  const mean = new Float64Array(columns)
  const square = new Float64Array(columns)
  const unknown = new Float64Array(columns)
  return {
    add(data) {
      for (let i = 0; i < data.length; i++) {
        const x = data[i]!
        const k = i % columns
        if (!Number.isFinite(x)) {
          unknown[k]!++
          continue
        }
        const away = x - mean[k]!
        mean[k]! += away / ++count[k]!
        square[k]! += away * (x - mean[k]!)
      }
    },
    scaler: () => ({
      mean: [...mean],
      inverse: Array.from(square, (s, k) => inverseSpread(s / count[k]!, mean[k]!)),
      partial: Array.from(unknown, (missing, k) => (missing > 0 && count[k]! > 0 ? 1 : 0)),
    }),
  }
}

/** 0 where a column is constant but for float32 rounding, or never known. */
function inverseSpread(variance: number, mean: number): number {
  return variance > (1e-6 * mean) ** 2 + 1e-24 ? 1 / Math.sqrt(variance) : 0
}
