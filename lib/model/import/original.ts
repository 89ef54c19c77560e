import { ELEMENT } from '../../onnx/graph.ts'
import { exposing } from './edit.ts'
import { UNITS } from './head-units.ts'
import { type Edit, type InputPlan, sidesOf } from './import-plan.ts'
import type { Scaler } from './scalers/sklearn-scaler.ts'

/** Rows of raw numbers, one list per input of the plan. */
export interface RawRows {
  count: number
  inputs: readonly Float32Array[]
}

/**
 * What the file says as it came, per head and row, in our units: scaled here, in double precision,
 * by the formulas of scikit-learn, and run `together` rows at once. A file that takes a fixed
 * number of rows gets each of them so many times. Rejects where onnxruntime cannot run it on such
 * rows.
 */
export async function runOriginal(
  bytes: Uint8Array,
  { inputs, heads, batch }: Edit,
  rows: RawRows,
  together = 1,
): Promise<number[][]> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node')
  const values = [...new Set(heads.map(({ value }) => value))]
  const session = await InferenceSession.create(exposing(bytes, values), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  })
  const said = heads.map((): number[] => [])
  const size = batch ?? together
  try {
    for (let row = 0; row < rows.count; row += together) {
      const feeds = inputs.map((plan, k) => {
        const numbers = Array.from({ length: size }, (_, i) =>
          scaledRow(plan, rows.inputs[k]!, row + (i % together)),
        ).flat()
        const shape = [size, ...plan.shape]
        return plan.type === ELEMENT.double
          ? [plan.name, new Tensor('float64', Float64Array.from(numbers), shape)]
          : [plan.name, new Tensor('float32', Float32Array.from(numbers), shape)]
      })
      const out = await session.run(Object.fromEntries(feeds), values)
      for (const [k, { value, column = 0, unit }] of heads.entries())
        for (let i = 0; i < together; i++) {
          const data = out[value]!.data
          said[k]!.push(UNITS[unit].of(Number(data[i * (data.length / size) + column])))
        }
    }
    return said
  } finally {
    await session.release()
  }
}

function scaledRow(plan: InputPlan, data: Float32Array, row: number): number[] {
  const { raw, rows, columns, scaler } = plan
  const width = raw.reduce((product, side) => product * side, 1)
  const across = raw.at(-1)!
  const numbers: number[] = []
  const down = raw.length === 1 ? [0] : (rows ?? Array.from({ length: raw[0]! }, (_, k) => k))
  for (const y of down)
    for (const x of columns ?? Array.from({ length: across }, (_, k) => k))
      numbers.push(data[row * width + y * across + x]!)
  return scaler === undefined ? numbers : numbers.map((x, k) => scaled(x, scaler, k))
}

function scaled(x: number, { offset, scale, centre, bounds }: Scaler, at: number): number {
  const f = at % offset.length
  const known = Number.isNaN(x) ? centre[f]! : x
  const y = (known - offset[f]!) / scale[f]!
  return bounds === undefined ? y : Math.min(bounds[1], Math.max(bounds[0], y))
}

/** Numbers of one raw row of an input, and of what is taken of it. */
export const widthsOf = (plan: InputPlan): [raw: number, taken: number] => [
  plan.raw.reduce((product, side) => product * side, 1),
  sidesOf(plan).reduce((product, side) => product * side, 1),
]
