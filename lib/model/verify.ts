import { UsageError } from '../errors.ts'
import type { LoadedBundle } from './files.ts'
import { type Feed, openSession } from './session.ts'

/** Largest tolerated difference: kernels of another CPU may round the last digits differently. */
const LIMIT = 1e-4

/**
 * Runs the parity rows of a bundle through its file and returns the largest difference from the outputs recorded when
 * it was made. Throws UsageError above 1e-4: then this machine or package set does not compute the same model.
 */
export async function verifyBundle({ bundle, model }: LoadedBundle): Promise<number> {
  const session = await openSession(model, bundle.model.minBatch)
  try {
    const rows = bundle.parity.inputs[0]?.rows ?? 0
    const outputs = await session.run(feedsOf(bundle), rows)
    let worst = 0
    for (const [name, expected] of Object.entries(bundle.parity.outputs)) {
      const found = outputs.get(name)
      expected.forEach((value, k) => {
        worst = Math.max(worst, Math.abs((found?.[k] ?? Number.NaN) - value) || 0)
        if (!(Math.abs((found?.[k] ?? Number.NaN) - value) <= LIMIT))
          throw new UsageError(
            `${bundle.name}@${bundle.version}: ${name} gives ${found?.[k]} for a parity row, not ${value}`,
          )
      })
    }
    return worst
  } finally {
    await session.release()
  }
}

function feedsOf({ inputs, parity }: LoadedBundle['bundle']): Feed[] {
  return parity.inputs.map(({ input, rows, data }) => {
    const bytes = Buffer.from(data, 'base64')
    const declared = inputs.find(({ name }) => name === input)
    const shape = declared?.features === undefined ? (declared?.shape ?? []) : [declared.features.length]
    const numbers = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
    return { name: input, data: numbers.subarray(0, rows * shape.reduce((product, side) => product * side, 1)), shape }
  })
}
