import { messageOf, UsageError } from '../base/errors.ts'

/** Input of a graph: numbers row by row, and the shape of one row. */
export interface GraphInput {
  name: string
  data: Float32Array
  shape: readonly number[]
}

/** A model in memory. */
export interface Session {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Runs that can go on at the same time. */
  readonly lanes: number
  /** Runs a batch; every feed holds `rows` rows. With one lane calls must not overlap. */
  run(feeds: readonly GraphInput[], rows: number): Promise<Map<string, Float32Array>>
  release(): Promise<void>
}

/**
 * Opens a model file. One thread: with more, the order of additions and so the last digits depend
 * on the batch. `minBatch` 2 runs a lone row as two copies, for networks whose kernels differ
 * between one row and several. Throws UsageError when the file is not a model that onnxruntime can
 * run.
 */
export async function openSession(bytes: Uint8Array, minBatch = 1): Promise<Session> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node')
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 } as const
  const session = await InferenceSession.create(bytes, options).catch(error => {
    throw new UsageError(`not a model that onnxruntime can run: ${messageOf(error).split('\n')[0]}`)
  })
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    lanes: 1,
    async run(feeds, rows) {
      const batch = Math.max(rows, minBatch)
      const tensors = feeds.map(({ name, data, shape }) => {
        const padded = batch === rows ? data : repeat(data, batch / rows)
        return [name, new Tensor('float32', padded, [batch, ...shape])] as const
      })
      const out = await session.run(Object.fromEntries(tensors))
      return new Map(
        Object.entries(out).map(([name, tensor]) => [name, tensor.data as Float32Array]),
      )
    },
    release: () => session.release(),
  }
}

function repeat(data: Float32Array, times: number): Float32Array {
  const out = new Float32Array(data.length * times)
  for (let k = 0; k < times; k++) out.set(data, k * data.length)
  return out
}
