import { UsageError } from '../base/errors.ts'
import { type GraphInput, openSession, type Session } from '../onnx/session.ts'
import type { Bundle } from './bundle.ts'
import type { LoadedBundle } from './files.ts'

/** Largest tolerated difference: kernels of another CPU may round the last digits differently. */
const LIMIT = 1e-4

/**
 * Runs the parity rows of a bundle through its file and returns the largest difference from the
 * outputs recorded when it was made. Throws UsageError above 1e-4: then this machine or package set
 * does not compute the same model.
 */
export async function verifyBundle({ bundle, model }: LoadedBundle): Promise<number> {
  const session = await openSession(model, bundle.model.minBatch)
  try {
    return await checkParity(bundle, session)
  } finally {
    await session.release()
  }
}

/** The same with a session that is open already. */
export async function checkParity(bundle: Bundle, session: Session): Promise<number> {
  const rows = bundle.parity.inputs[0]?.rows ?? 0
  if (rows === 0) return 0
  const outputs = await session.run(feedsOf(bundle), rows)
  let worst = 0
  for (const [name, expected] of Object.entries(bundle.parity.outputs)) {
    const found = outputs.get(name)
    expected.forEach((value, k) => {
      const difference = Math.abs((found?.[k] ?? Number.NaN) - value)
      worst = Math.max(worst, difference || 0)
      if (!(difference <= LIMIT))
        throw new UsageError(
          `${bundle.name}@${bundle.version}: ${name} gives ${found?.[k]} for a parity row, ` +
            `not ${value}`,
        )
    })
  }
  return worst
}

function feedsOf({ inputs, parity }: Bundle): GraphInput[] {
  return parity.inputs.map(({ input, rows, data }) => {
    const bytes = Buffer.from(data, 'base64')
    const declared = inputs.find(({ name }) => name === input)
    const shape =
      declared?.features === undefined ? (declared?.shape ?? []) : [declared.features.length]
    const numbers = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    )
    return {
      name: input,
      data: numbers.subarray(0, rows * shape.reduce((product, side) => product * side, 1)),
      shape,
    }
  })
}
