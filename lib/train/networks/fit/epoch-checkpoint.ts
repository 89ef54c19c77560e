import { DataError } from '../../../base/errors.ts'

/** What an epoch did. */
export interface EpochRecord {
  epoch: number
  loss: number
  validLoss: number
  lr: number
}

/**
 * Everything a training run needs to go on as if it had not been interrupted. Random numbers are
 * derived from the seed and the step, so the step is their whole state.
 */
export interface Checkpoint {
  /** Names data, network and options: a run resumes only its own checkpoint. */
  key: string
  step: number
  /** Sum of loss × rows in the epoch under way. */
  lossSum: number
  history: EpochRecord[]
  best: { epoch: number; loss: number }
  /** Flat vectors: parameters, moments, and the parameters of the best epoch. */
  P: Float32Array
  M: Float32Array
  V: Float32Array
  bestP: Float32Array
}

const MAGIC = 'sluice-checkpoint-1\n'
const VECTORS = ['P', 'M', 'V', 'bestP'] as const

/** One line of text, a header as JSON in a line, then the four vectors as little-endian float32. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const { P, M, V, bestP, ...header } = checkpoint
  // JSON knows no infinity, and the best loss begins there.
  const best = { ...header.best, loss: String(header.best.loss) }
  const text = `${MAGIC}${JSON.stringify({ ...header, size: P.length, best })}\n`
  const vectors = [P, M, V, bestP].map(v => new Uint8Array(v.buffer, v.byteOffset, v.byteLength))
  return Buffer.concat([Buffer.from(text), ...vectors])
}

/** @throws DataError when the bytes are not a whole checkpoint. */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = file.indexOf(10, MAGIC.length)
  if (file.toString('latin1', 0, MAGIC.length) !== MAGIC || end < 0)
    throw new DataError('not a checkpoint', { field: 'checkpoint' })
  const { size, best, ...header } = JSON.parse(file.toString('utf8', MAGIC.length, end))
  const need = end + 1 + VECTORS.length * size * 4
  if (file.length !== need)
    throw new DataError(`${need} bytes expected, got ${file.length}`, { field: 'checkpoint' })
  const [P, M, V, bestP] = VECTORS.map((_, i) => vectorAt(file, end + 1 + i * size * 4, size)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ]
  // The best loss is ∞ before the first epoch ends, which JSON cannot say.
  return { ...header, best: { ...best, loss: Number(best.loss) }, P, M, V, bestP }
}

/** A copy, since a view needs an offset that is a multiple of 4. */
function vectorAt(file: Buffer, from: number, size: number): Float32Array {
  return new Float32Array(Uint8Array.from(file.subarray(from, from + size * 4)).buffer)
}
