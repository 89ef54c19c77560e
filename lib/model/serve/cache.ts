/**
 * How long an answer stands, in event time: features that have not changed in a minute are worth a
 * fresh look.
 */
const STANDS_MS = 60_000

/**
 * The bits of a batch: per input of the model the float32 numbers of all rows as words, row after
 * row.
 */
export type Bits = readonly Uint32Array[]

/** Answers of one model by the exact numbers it was asked about. */
interface RowCache<T> {
  /** The answer for row `row` if one was kept within 60 s of event time around `ts`. */
  find(bits: Bits, row: number, ts: number): T | undefined
  /** Keeps the answer for row `row`; the row asked for longest ago makes room. */
  keep(bits: Bits, row: number, ts: number, answer: T): void
  size(): number
}

/**
 * A cache of at most `bound` rows of the given widths per input. Rows are found by a hash of their
 * bits and then compared bit by bit: never another row’s answer. One cache belongs to one model
 * file; together that is the key (model hash, features hash). Nothing is allocated once it is full:
 * a tree answers in less time than garbage takes to collect.
 */
export function makeRowCache<T>(bound: number, widths: readonly number[]): RowCache<T> {
  const rows: Uint32Array[] = []
  const answers: T[] = []
  const times = new Float64Array(bound)
  const table = makeTable(bound)
  const order = makeOrder(bound)

  const slotOf = (bits: Bits, row: number, hash: number): number => {
    let slot = table.first(hash)
    while (slot >= 0 && !(table.hash(slot) === hash && isSame(rows[slot]!, bits, row, widths)))
      slot = table.after(slot)
    return slot
  }
  const take = (bits: Bits, row: number, hash: number): number => {
    const isFull = rows.length >= bound
    const slot = isFull ? order.oldest() : rows.length
    if (isFull) table.remove(slot)
    else rows.push(new Uint32Array(widths.reduce((sum, width) => sum + width, 0)))
    copyRow(rows[slot]!, bits, row, widths)
    table.insert(slot, hash)
    return slot
  }
  return {
    find(bits, row, ts) {
      const slot = slotOf(bits, row, hashOf(bits, row, widths))
      if (slot < 0 || Math.abs(ts - times[slot]!) > STANDS_MS) return undefined
      order.touch(slot)
      return answers[slot]
    },
    keep(bits, row, ts, answer) {
      if (bound === 0) return
      const hash = hashOf(bits, row, widths)
      const known = slotOf(bits, row, hash)
      const slot = known >= 0 ? known : take(bits, row, hash)
      times[slot] = ts
      answers[slot] = answer
      order.touch(slot)
    },
    size: () => rows.length,
  }
}

/** 32 bits of a row: each word through the finaliser of MurmurHash3 (public domain). */
function hashOf(bits: Bits, row: number, widths: readonly number[]): number {
  let hash = 0
  for (let k = 0; k < widths.length; k++) {
    const words = bits[k]!
    const width = widths[k]!
    for (let at = row * width; at < (row + 1) * width; at++) {
      hash = Math.imul(hash ^ words[at]!, 0x85ebca6b)
      hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
      hash ^= hash >>> 16
    }
  }
  return hash
}

function isSame(kept: Uint32Array, bits: Bits, row: number, widths: readonly number[]): boolean {
  let to = 0
  for (let k = 0; k < widths.length; k++) {
    const words = bits[k]!
    const width = widths[k]!
    for (let at = row * width; at < (row + 1) * width; at++)
      if (kept[to++] !== words[at]) return false
  }
  return true
}

function copyRow(kept: Uint32Array, bits: Bits, row: number, widths: readonly number[]): void {
  let to = 0
  for (let k = 0; k < widths.length; k++) {
    const words = bits[k]!
    const width = widths[k]!
    for (let at = row * width; at < (row + 1) * width; at++) kept[to++] = words[at]!
  }
}

/** A hash table of slots with chains, in typed arrays. −1 ends a chain. */
function makeTable(bound: number) {
  const heads = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(2, bound)))).fill(-1)
  const next = new Int32Array(bound)
  const hashes = new Int32Array(bound)
  const bucket = (hash: number): number => hash & (heads.length - 1)
  return {
    first: (hash: number): number => heads[bucket(hash)]!,
    after: (slot: number): number => next[slot]!,
    hash: (slot: number): number => hashes[slot]!,
    insert(slot: number, hash: number): void {
      hashes[slot] = hash
      next[slot] = heads[bucket(hash)]!
      heads[bucket(hash)] = slot
    },
    remove(slot: number): void {
      const at = bucket(hashes[slot]!)
      if (heads[at] === slot) {
        heads[at] = next[slot]!
        return
      }
      let before = heads[at]!
      while (next[before] !== slot) before = next[before]!
      next[before] = next[slot]!
    },
  }
}

/** Slots by last use: a ring through a sentinel, the newest after it, the oldest before it. */
function makeOrder(bound: number) {
  const older = new Int32Array(bound + 1).fill(-1)
  const newer = new Int32Array(bound + 1).fill(-1)
  older[bound] = bound
  newer[bound] = bound
  return {
    oldest: (): number => newer[bound]!,
    touch(slot: number): void {
      const [before, after] = [older[slot]!, newer[slot]!]
      if (before >= 0) {
        newer[before] = after
        older[after] = before
      }
      const newest = older[bound]!
      older[slot] = newest
      newer[slot] = bound
      newer[newest] = slot
      older[bound] = slot
    },
  }
}
