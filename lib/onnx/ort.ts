/** Numbers with a shape, as they go in and out of a session. */
export interface Numbers {
  data: Float32Array
  shape: readonly number[]
}

/**
 * A loaded graph. `run` blocks the thread while it computes; `release` frees what the garbage
 * collector cannot see.
 */
export interface Session {
  run(inputs: Record<string, Numbers>): Promise<Record<string, Float32Array>>
  release(): Promise<void>
}

/**
 * Loads an ONNX graph of float32 tensors on the processor with `threads` threads inside an
 * operation.
 */
export async function openSession(model: Uint8Array, threads = 1): Promise<Session> {
  const ort = await import('onnxruntime-node')
  const session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // 3 = errors only: unused initialisers are no news.
    logSeverityLevel: 3,
  })
  return {
    async run(inputs) {
      const feeds = Object.entries(inputs).map(([name, { data, shape }]) => [
        name,
        new ort.Tensor('float32', data, shape),
      ])
      const found = await session.run(Object.fromEntries(feeds))
      return Object.fromEntries(
        Object.entries(found).map(([name, tensor]) => [name, tensor.data as Float32Array]),
      )
    },
    release: () => session.release(),
  }
}
