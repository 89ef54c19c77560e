import type { Rng } from '../base/rng.ts'

/** Fisher–Yates shuffle in place. */
export function shuffle<T extends Int32Array | number[]>(items: T, rng: Rng): T {
  for (let i = items.length - 1; i > 0; i--) {
    const j = rng.below(i + 1)
    const held = items[i]!
    items[i] = items[j]!
    items[j] = held
  }
  return items
}

/**
 * `count` of the numbers 0 … n−1 without replacement, in rising order (selection sampling, Knuth
 * 3.4.2 algorithm S).
 */
export function choose(n: number, count: number, rng: Rng): Int32Array {
  const out = new Int32Array(count)
  let taken = 0
  for (let i = 0; taken < count; i++) if ((n - i) * rng.next() < count - taken) out[taken++] = i
  return out
}

/** 0 … n−1. */
export function range(n: number): Int32Array {
  const out = new Int32Array(n)
  for (let i = 0; i < n; i++) out[i] = i
  return out
}
