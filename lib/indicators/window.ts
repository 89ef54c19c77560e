import type { How, Stateful } from './indicator.ts'

/**
 * How values of a window are put together: associative, with an identity. An aggregate is `width`
 * numbers standing at an index of one shared array (a view per aggregate would cost more memory
 * than the numbers).
 */
interface Merge {
  width: number
  identity: readonly number[]
  lift(x: number, m: Float64Array, out: number): void
  /** m[out…] = m[left…] ∘ m[right…]; `out` may be either side. */
  join(m: Float64Array, left: number, right: number, out: number): void
}

export interface Window extends Stateful {
  put(x: number, how: How): void
  /** Number `i` of the aggregate of the last n values (fewer before n came). */
  read(i: number): number
}

/**
 * Sliding window of the last n values that never subtracts: blocks of n values, the suffixes of the
 * finished block joined with the prefix of the running one (van Herk 1992; Gil & Werman 1993). So
 * 1e12 leaves no trace once it has left the window, where a running sum would keep its rounding
 * error for ever. O(1) amortised, exact to n roundings.
 */
export function makeWindow(n: number, merge: Merge): Window {
  const { width, identity } = merge
  // n values of the running block, n + 1 suffixes of the finished one, then four aggregates.
  const suffix = n
  const before = suffix + (n + 1) * width
  const open = before + width
  const one = open + width
  const all = one + width
  const memory = new Float64Array(all + width)
  let count = 0
  for (let at = suffix; at < all; at += width) memory.set(identity, at)

  const advance = (): void => {
    if (count > 0 && count % n === 0) {
      for (let i = n - 1; i >= 0; i--) {
        merge.lift(memory[i]!, memory, one)
        merge.join(memory, one, suffix + (i + 1) * width, suffix + i * width)
      }
      memory.set(identity, before)
    } else memory.copyWithin(before, open, open + width)
    count++
  }
  return {
    size: 1 + memory.length,
    put: (x, how) => {
      if (how === 'update' || count === 0) advance()
      memory[(count - 1) % n] = x
      merge.lift(x, memory, one)
      merge.join(memory, before, one, open)
      const left = suffix + (((count - 1) % n) + 1) * width
      merge.join(memory, left, open, all)
    },
    read: i => memory[all + i]!,
    save: () => [count, ...memory],
    restore: state => {
      count = state[0]!
      memory.set(state.slice(1))
    },
  }
}

const lift = (x: number, m: Float64Array, out: number): void => {
  m[out] = x
}

/** Sum of the last n values. */
export const makeSumWindow = (n: number): Window =>
  makeWindow(n, {
    width: 1,
    identity: [0],
    lift,
    join: (m, left, right, out) => {
      m[out] = m[left]! + m[right]!
    },
  })

/** Highest of the last n values. */
export const makeHighest = (n: number): Window =>
  makeWindow(n, {
    width: 1,
    identity: [-Number.MAX_VALUE],
    lift,
    join: (m, left, right, out) => {
      m[out] = Math.max(m[left]!, m[right]!)
    },
  })

/** Lowest of the last n values. */
export const makeLowest = (n: number): Window =>
  makeWindow(n, {
    width: 1,
    identity: [Number.MAX_VALUE],
    lift,
    join: (m, left, right, out) => {
      m[out] = Math.min(m[left]!, m[right]!)
    },
  })

export const MEAN = 1
export const SQUARES = 2

/**
 * Count, mean and sum of squared deviations of the last n values, joined by Chan, Golub & LeVeque
 * (1979): exact zero deviation for equal values, no difference of squares.
 */
export const makeMoments = (n: number): Window =>
  makeWindow(n, {
    width: 3,
    identity: [0, 0, 0],
    lift: (x, m, out) => {
      m[out] = 1
      m[out + MEAN] = x
      m[out + SQUARES] = 0
    },
    join: (m, left, right, out) => {
      const na = m[left]!
      const nb = m[right]!
      const mean = m[left + MEAN]!
      const delta = na === 0 || nb === 0 ? 0 : m[right + MEAN]! - mean
      const total = Math.max(na + nb, 1)
      const squares = m[left + SQUARES]! + m[right + SQUARES]!
      m[out + MEAN] = na === 0 ? m[right + MEAN]! : mean + (delta * nb) / total
      m[out + SQUARES] = squares + delta * delta * ((na * nb) / total)
      m[out] = na + nb
    },
  })

/** The last n values, oldest overwritten: `back(0)` is the newest, `back(n − 1)` the oldest. */
export function makeRing(
  n: number,
): Stateful & { put(x: number, how: How): void; back(k: number): number } {
  const ring = new Float64Array(n)
  let count = 0
  return {
    size: n + 1,
    put: (x, how) => {
      if (how === 'update' || count === 0) count++
      ring[(count - 1) % n] = x
    },
    back: k => (k < count && k < n ? ring[(count - 1 - k) % n]! : Number.NaN),
    save: () => [count, ...ring],
    restore: state => {
      count = state[0]!
      ring.set(state.slice(1))
    },
  }
}
