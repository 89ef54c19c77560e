/**
 * Which rows a model was trained on, kept small: the k least hashes of their content (bottom-k
 * sketch, Thorup 2013). Of other rows those with a hash below the greatest of the k are a fair
 * sample, and each of them is in the sketch or was not there. Two rows of the same numbers are one.
 */
const KEPT = 1024

const NAN_BITS = 0x7fc00000
/** One number, and its bits. */
const ONE = new Float32Array(1)
const BITS = new Uint32Array(ONE.buffer)

/**
 * A hash of 53 bits of the numbers of a row. Every NaN counts as the same, and −0 as 0: files say
 * the unknown in several ways. Mixes as MurmurHash3 does, twice with other constants (not against
 * forgery).
 */
export function rowHash(row: ArrayLike<number>): number {
  let a = 0x9e3779b1
  let b = 0x85ebca77
  for (let i = 0; i < row.length; i++) {
    ONE[0] = row[i]! + 0
    const word = Number.isNaN(row[i]!) ? NAN_BITS : BITS[0]!
    a = Math.imul(a ^ word, 0xcc9e2d51)
    a = (a << 15) | (a >>> 17)
    b = Math.imul(b ^ word, 0x1b873593)
    b = (b << 13) | (b >>> 19)
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35)
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35)
  return (a >>> 0) * 2 ** 21 + (b >>> 11)
}

/** The sketch of rows with these hashes, as base64 of float64 in rising order. */
export function sketchOf(hashes: Iterable<number>): string {
  const least = [...new Set(hashes)].sort((x, y) => x - y).slice(0, KEPT)
  return Buffer.from(Float64Array.from(least).buffer).toString('base64')
}

/** What a sketch says of other rows. */
interface SeenShare {
  /** Rows that could be looked up. */
  sampled: number
  /** Share of them that the model was trained on. */
  share: number
}

/** The share of rows with these hashes that are in the sketch; undefined when none can be told. */
export function seenShare(sketch: string, hashes: Iterable<number>): SeenShare | undefined {
  const bytes = Buffer.from(sketch, 'base64')
  const kept = new Float64Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
  )
  const known = new Set(kept)
  // Below k rows all of them are kept, and every other row is new.
  const top = kept.length < KEPT ? Number.POSITIVE_INFINITY : kept.at(-1)!
  let [sampled, seen] = [0, 0]
  for (const hash of hashes) {
    if (hash > top) continue
    sampled++
    if (known.has(hash)) seen++
  }
  return sampled === 0 ? undefined : { sampled, share: seen / sampled }
}
