import type { How, Stateful } from './indicator.ts'

/** How values of a window are put together: associative, with an identity. Each aggregate is `width` numbers. */
interface Merge {
  width: number
  identity: readonly number[]
  lift(x: number, out: Float64Array): void
  /** out = left ∘ right; `out` may be either side. */
  join(left: Float64Array, right: Float64Array, out: Float64Array): void
}

export interface Window extends Stateful {
  put(x: number, how: How): void
  /** Aggregate of the last n values (fewer before n came). Valid until the next call. */
  read(): Float64Array
}

/**
 * Sliding window of the last n values that never subtracts: blocks of n values, the suffixes of the finished block
 * joined with the prefix of the running one (van Herk 1992; Gil & Werman 1993). So 1e12 leaves no trace once it has
 * left the window, where a running sum would keep its rounding error for ever. O(1) amortised, exact to n roundings.
 */
export function makeWindow(n: number, merge: Merge): Window {
  const { width, identity } = merge
  const block = new Float64Array(n)
  const suffix = new Float64Array((n + 1) * width)
  const prefix = new Float64Array(2 * width)
  const before = prefix.subarray(0, width)
  const open = prefix.subarray(width)
  const views = Array.from({ length: n + 1 }, (_, i) => suffix.subarray(i * width, (i + 1) * width))
  const one = new Float64Array(width)
  const all = new Float64Array(width)
  let count = 0
  for (const view of [...views, before, open]) view.set(identity)

  const advance = (): void => {
    if (count > 0 && count % n === 0) {
      for (let i = n - 1; i >= 0; i--) {
        merge.lift(block[i] as number, one)
        merge.join(one, views[i + 1] as Float64Array, views[i] as Float64Array)
      }
      before.set(identity)
    } else before.set(open)
    count++
  }
  return {
    size: 1 + n + suffix.length + prefix.length,
    put: (x, how) => {
      if (how === 'update' || count === 0) advance()
      block[(count - 1) % n] = x
      merge.lift(x, one)
      merge.join(before, one, open)
    },
    read: () => {
      merge.join(views[count === 0 ? n : ((count - 1) % n) + 1] as Float64Array, open, all)
      return all
    },
    save: () => [count, ...block, ...suffix, ...prefix],
    restore: state => {
      count = state[0] as number
      block.set(state.slice(1, 1 + n))
      suffix.set(state.slice(1 + n, 1 + n + suffix.length))
      prefix.set(state.slice(1 + n + suffix.length))
    },
  }
}

/** Sum of the last n values. */
export const makeSumWindow = (n: number): Window =>
  makeWindow(n, {
    width: 1,
    identity: [0],
    lift: (x, out) => void (out[0] = x),
    join: (a, b, out) => void (out[0] = (a[0] as number) + (b[0] as number)),
  })

/** Highest of the last n values. */
export const makeHighest = (n: number): Window =>
  makeWindow(n, {
    width: 1,
    identity: [-Number.MAX_VALUE],
    lift: (x, out) => void (out[0] = x),
    join: (a, b, out) => void (out[0] = Math.max(a[0] as number, b[0] as number)),
  })

/** Lowest of the last n values. */
export const makeLowest = (n: number): Window =>
  makeWindow(n, {
    width: 1,
    identity: [Number.MAX_VALUE],
    lift: (x, out) => void (out[0] = x),
    join: (a, b, out) => void (out[0] = Math.min(a[0] as number, b[0] as number)),
  })

/**
 * Count, mean and sum of squared deviations of the last n values, joined by Chan, Golub & LeVeque (1979): exact zero
 * deviation for equal values, no difference of squares.
 */
export const makeMoments = (n: number): Window =>
  makeWindow(n, {
    width: 3,
    identity: [0, 0, 0],
    lift: (x, out) => {
      out[0] = 1
      out[1] = x
      out[2] = 0
    },
    join: (a, b, out) => {
      const [na, ma, sa] = a as unknown as [number, number, number]
      const [nb, mb, sb] = b as unknown as [number, number, number]
      const total = na + nb
      const delta = na === 0 || nb === 0 ? 0 : mb - ma
      out[0] = total
      out[1] = na === 0 ? mb : ma + (total === 0 ? 0 : (delta * nb) / total)
      out[2] = sa + sb + (total === 0 ? 0 : delta * delta * ((na * nb) / total))
    },
  })

/** The last n values, oldest overwritten: `back(0)` is the newest, `back(n − 1)` the oldest. */
export function makeRing(n: number): Stateful & { put(x: number, how: How): void; back(k: number): number } {
  const ring = new Float64Array(n)
  let count = 0
  return {
    size: n + 1,
    put: (x, how) => {
      if (how === 'update' || count === 0) count++
      ring[(count - 1) % n] = x
    },
    back: k => (k < count && k < n ? (ring[(count - 1 - k) % n] as number) : Number.NaN),
    save: () => [count, ...ring],
    restore: state => {
      count = state[0] as number
      ring.set(state.slice(1))
    },
  }
}
