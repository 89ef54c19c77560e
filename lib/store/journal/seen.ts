/**
 * A set of recently seen keys in flat memory: 96-bit hashes in open addressing, two generations, so
 * that it holds between `capacity` and 2 × `capacity` of the newest keys. Two different keys among
 * a million share a hash with a probability of about 10⁻¹⁷.
 */
interface Seen {
  /** Remembers a key; true when it was new. */
  add(key: string): boolean
  has(key: string): boolean
}

/** Memory: 24 bytes per key of the capacity and generation, taken as it grows. */
export function makeSeen(capacity: number): Seen {
  let young = makeTable()
  let old = makeTable()
  const has = (key: string): boolean => {
    hash96(key)
    return young.has() || old.has()
  }
  return {
    has,
    add(key) {
      if (has(key)) return false
      if (young.size() >= capacity) {
        old = young
        young = makeTable()
      }
      young.insert()
      return true
    },
  }
}

const word = new Uint32Array(3)

/**
 * Three multiplicative lanes over the UTF-16 units (after cyrb53, bryc, public domain), finalised
 * as in MurmurHash3.
 */
function hash96(key: string): void {
  let a = 0xdeadbeef ^ key.length
  let b = 0x41c6ce57 ^ key.length
  let c = 0x9e3779b9
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i)
    a = Math.imul(a ^ unit, 2654435761)
    b = Math.imul(b ^ unit, 1597334677)
    c = Math.imul(c ^ unit ^ (c >>> 15), 2246822519)
  }
  word[0] = finish(a ^ (b >>> 13))
  word[1] = finish(b ^ (c >>> 11))
  word[2] = finish(c ^ (a >>> 7)) | 1
}

function finish(h: number): number {
  const x = Math.imul(h ^ (h >>> 16), 2246822507)
  const y = Math.imul(x ^ (x >>> 13), 3266489909)
  return y ^ (y >>> 16)
}

/** Works on the hash in `word`; its last lane is odd, so a zero there means a free slot. */
function makeTable() {
  let slots = 1024
  let cells = new Uint32Array(slots * 3)
  let used = 0
  const find = (): number => {
    let at = word[0]! & (slots - 1)
    while (cells[at * 3 + 2] !== 0 && !isAt(at)) at = (at + 1) & (slots - 1)
    return at
  }
  const isAt = (at: number): boolean =>
    cells[at * 3] === word[0] && cells[at * 3 + 1] === word[1] && cells[at * 3 + 2] === word[2]
  const insert = (): void => {
    const at = find()
    if (cells[at * 3 + 2] === 0) used++
    cells.set(word, at * 3)
    if (used * 2 > slots) grow()
  }
  const grow = (): void => {
    const before = cells
    slots *= 2
    cells = new Uint32Array(slots * 3)
    used = 0
    for (let at = 0; at < before.length; at += 3) {
      if (before[at + 2] === 0) continue
      word.set(before.subarray(at, at + 3))
      insert()
    }
  }
  return { insert, has: () => cells[find() * 3 + 2] !== 0, size: () => used }
}
