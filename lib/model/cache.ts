/** How long an answer stands, in event time: features that have not changed in a minute are worth a fresh look. */
const STANDS_MS = 60_000

/** Answers of one model by the exact numbers it was asked about. */
export interface RowCache<T> {
  /** The answer for these numbers if one was put within the last 60 s of event time. */
  get(row: Float32Array, ts: number): T | undefined
  /** Remembers an answer; the one used longest ago makes room. The row must not change afterwards. */
  put(row: Float32Array, ts: number, answer: T): void
  size(): number
}

interface Entry<T> {
  words: Uint32Array
  ts: number
  answer: T
}

/**
 * A cache of at most `bound` rows. Rows are found by a 32-bit hash of their bits (the finaliser of MurmurHash3, public
 * domain) and then compared bit by bit, so a collision is a miss, never another row’s answer. One cache belongs to one
 * model file: together that is the key (model hash, features hash).
 */
export function makeRowCache<T>(bound: number): RowCache<T> {
  const entries = new Map<number, Entry<T>>()
  return {
    get(row, ts) {
      const words = wordsOf(row)
      const key = hashOf(words)
      const entry = entries.get(key)
      if (entry === undefined || Math.abs(ts - entry.ts) > STANDS_MS || !isSame(entry.words, words)) return undefined
      entries.delete(key)
      entries.set(key, entry)
      return entry.answer
    },
    put(row, ts, answer) {
      if (bound <= 0) return
      const words = wordsOf(row)
      const key = hashOf(words)
      entries.delete(key)
      if (entries.size >= bound) entries.delete(entries.keys().next().value as number)
      entries.set(key, { words, ts, answer })
    },
    size: () => entries.size,
  }
}

const wordsOf = (row: Float32Array): Uint32Array => new Uint32Array(row.buffer, row.byteOffset, row.length)

function hashOf(words: Uint32Array): number {
  let hash = words.length
  for (let k = 0; k < words.length; k++) {
    hash = Math.imul(hash ^ (words[k] as number), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    hash ^= hash >>> 16
  }
  return hash
}

function isSame(a: Uint32Array, b: Uint32Array): boolean {
  if (a.length !== b.length) return false
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false
  return true
}
