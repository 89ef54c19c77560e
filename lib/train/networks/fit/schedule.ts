import type { Rng } from '../../../base/rng.ts'

/**
 * Learning rate of one step: linear warm-up, then half a cosine down to 1 % (Loshchilov & Hutter
 * 2017).
 */
export function learningRate(
  step: number,
  { peak, warmup, total }: { peak: number; warmup: number; total: number },
): number {
  if (step < warmup) return (peak * (step + 1)) / warmup
  const done = Math.min((step - warmup) / Math.max(total - warmup, 1), 1)
  return peak * (0.01 + 0.99 * 0.5 * (1 + Math.cos(Math.PI * done)))
}

/** The rows in a random order (Fisher–Yates). */
export function shuffled(rows: readonly number[], rng: Rng): number[] {
  const out = [...rows]
  for (let i = out.length - 1; i > 0; i--) {
    const j = rng.below(i + 1)
    ;[out[i], out[j]] = [out[j]!, out[i]!]
  }
  return out
}

/** Inverted dropout: 0 with probability `rate`, else 1/(1 − rate), so that the mean stays 1. */
export function dropoutMask(size: number, rate: number, rng: Rng): Float32Array {
  const kept = 1 / (1 - rate)
  return Float32Array.from({ length: size }, () => (rng.next() < rate ? 0 : kept))
}
