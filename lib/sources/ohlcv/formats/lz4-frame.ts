import { DataError } from '../../../base/errors.ts'

const MAGIC = 0x184d2204
/** Largest blocks by their code (LZ4 Frame Format 1.6.4, “BD byte”). */
const BLOCKS: Record<number, number> = { 4: 65_536, 5: 262_144, 6: 1_048_576, 7: 4_194_304 }

const bad = (why: string): DataError => new DataError(`damaged LZ4: ${why}`)

/**
 * Unpacks one frame of LZ4 (Frame Format 1.6.4, Block Format). Every length and offset is held
 * against what is there; checksums are passed over. Throws a DataError for damage, for a frame
 * that needs a dictionary, and beyond `most` bytes.
 */
export function lz4Frame(data: Uint8Array, most: number): Uint8Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  if (data.length < 11 || view.getUint32(0, true) !== MAGIC) throw bad('no frame')
  const flags = data[4]!
  if (flags >> 6 !== 1 || (flags & 1) !== 0) throw bad('a version or dictionary that is not known')
  const largest = BLOCKS[(data[5]! >> 4) & 7]
  if (largest === undefined) throw bad('no block size')
  let at = 7 + ((flags & 8) === 0 ? 0 : 8)
  const output = new Growing(most)
  for (;;) {
    if (at + 4 > data.length) throw bad('it ends early')
    const head = view.getUint32(at, true)
    at += 4
    if (head === 0) return output.bytes()
    const size = head & 0x7fffffff
    if (size > largest || at + size > data.length) throw bad('a block longer than the frame')
    const block = data.subarray(at, at + size)
    if (head >>> 31 === 1) output.append(block, 0, size)
    else unpackBlock(block, output, largest)
    at += size + ((flags & 16) === 0 ? 0 : 4)
  }
}

/** Sequences of literals and of copies from up to 64 KB before. */
function unpackBlock(block: Uint8Array, output: Growing, largest: number): void {
  const end = output.size + largest
  let at = 0
  const length = (nibble: number): number => {
    let total = nibble
    for (let more = nibble === 15 ? 255 : 0; more === 255; total += more) {
      if (at >= block.length) throw bad('a length without end')
      more = block[at++]!
    }
    return total
  }
  while (at < block.length) {
    const token = block[at++]!
    const literals = length(token >> 4)
    if (at + literals > block.length) throw bad('literals beyond the block')
    output.append(block, at, at + literals)
    at += literals
    if (at === block.length) break
    if (at + 2 > block.length) throw bad('half an offset')
    const offset = block[at]! | (block[at + 1]! << 8)
    at += 2
    output.repeat(offset, length(token & 15) + 4)
    if (output.size > end) throw bad('a block larger than the frame says')
  }
}

/** Bytes that grow up to a bound. */
class Growing {
  size = 0
  private held = new Uint8Array(65_536)
  private readonly most: number
  constructor(most: number) {
    this.most = most
  }
  private reserve(more: number): void {
    const wanted = this.size + more
    if (wanted > this.most) throw new DataError(`unpacks to more than ${this.most} bytes: refused`)
    if (wanted <= this.held.length) return
    const grown = new Uint8Array(Math.max(wanted, this.held.length * 2))
    grown.set(this.held.subarray(0, this.size))
    this.held = grown
  }
  append(from: Uint8Array, start: number, end: number): void {
    this.reserve(end - start)
    this.held.set(from.subarray(start, end), this.size)
    this.size += end - start
  }
  /** Copies what stands `offset` bytes back; what is copied may reach into itself. */
  repeat(offset: number, length: number): void {
    if (offset === 0 || offset > this.size) throw bad('an offset before the start')
    this.reserve(length)
    for (let i = 0; i < length; i++, this.size++)
      this.held[this.size] = this.held[this.size - offset]!
  }
  bytes(): Uint8Array {
    return this.held.slice(0, this.size)
  }
}
