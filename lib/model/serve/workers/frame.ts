import { show } from '../../../base/errors.ts'

/**
 * What is said between predict and its workers: a small head and, where it applies, numbers or the
 * bytes of a model.
 */
export type Head =
  | { is: 'open'; model: number; minBatch: number }
  | { is: 'opened'; model: number; inputs: readonly string[]; outputs: readonly string[] }
  | { is: 'refused'; model: number; reason: string }
  | { is: 'release'; model: number }
  | { is: 'run'; job: number; model: number; rows: number; feeds: readonly Shaped[] }
  | { is: 'done'; job: number; outputs: readonly { name: string; length: number }[] }
  | { is: 'failed'; job: number; reason: string }
  | { is: 'ping' }
  | { is: 'pong' }

/** A tensor of float32 in the data of a frame, in order. */
interface Shaped {
  name: string
  shape: readonly number[]
  length: number
}

export interface Frame {
  head: Head
  data: Uint8Array
}

const NOTHING = new Uint8Array()
/** No model or batch is larger; a length beyond it means that the two sides are out of step. */
const LONGEST = 2 ** 30

/**
 * Bytes of a frame: length of the rest, length of the head (both u32, little-endian), head as JSON,
 * data.
 */
export function encodeFrame(head: Head, data: Uint8Array = NOTHING): Buffer {
  const text = Buffer.from(JSON.stringify(head))
  const frame = Buffer.allocUnsafe(8 + text.length + data.length)
  frame.writeUInt32LE(4 + text.length + data.length, 0)
  frame.writeUInt32LE(text.length, 4)
  frame.set(text, 8)
  frame.set(data, 8 + text.length)
  return frame
}

/**
 * Splits chunks of bytes into frames, however they were cut on the way. Throws an Error on a length
 * that cannot be.
 */
export function makeFrameReader(take: (frame: Frame) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = []
  let held = 0
  return chunk => {
    parts.push(chunk)
    held += chunk.length
    for (let need = needOf(parts, held); held >= need; need = needOf(parts, held)) {
      const all = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
      take(decode(all.subarray(0, need)))
      held -= need
      parts = held > 0 ? [all.subarray(need)] : []
    }
  }
}

/**
 * Bytes of the first frame among those held, as far as that is known: at least its 8 bytes of
 * lengths.
 */
function needOf(parts: Buffer[], held: number): number {
  if (held < 8) return 8
  if (parts[0]!.length < 8) parts.splice(0, parts.length, Buffer.concat(parts))
  const first = parts[0]!
  const length = first.readUInt32LE(0)
  if (length > LONGEST || first.readUInt32LE(4) > length - 4)
    throw new Error(`a frame of ${show(length)} bytes`)
  return 4 + length
}

function decode(frame: Buffer): Frame {
  const end = 8 + frame.readUInt32LE(4)
  return { head: JSON.parse(frame.toString('utf8', 8, end)) as Head, data: frame.subarray(end) }
}

/** The tensors that follow each other in the data of a frame, copied so that they are aligned. */
export function splitFloats(data: Uint8Array, lengths: readonly number[]): Float32Array[] {
  const floats = new Float32Array(new Uint8Array(data).buffer)
  let at = 0
  return lengths.map(length => {
    at += length
    return floats.subarray(at - length, at)
  })
}

/** The tensors one after the other, as bytes. */
export function joinFloats(all: readonly Float32Array[]): Uint8Array {
  const out = new Float32Array(all.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const each of all) {
    out.set(each, at)
    at += each.length
  }
  return new Uint8Array(out.buffer)
}
