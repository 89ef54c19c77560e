import { makeRng } from '../../../../lib/base/rng.ts'
import type { Checkpoint } from '../../../../lib/train/networks/fit/epoch-checkpoint.ts'
import type { FitHooks } from '../../../../lib/train/networks/fit/fit-network.ts'
import type {
  SequenceOptions,
  SequenceRows,
} from '../../../../lib/train/networks/train-sequence.ts'

export const STEPS = 8

/**
 * Small windows of a random walk whose drift over the last steps decides the labels, with some
 * unknown context.
 */
export function walkRows(n: number, { base = 0.5 } = {}): SequenceRows {
  const rng = makeRng('walk')
  const candles = new Float32Array(n * STEPS * 5)
  const context = new Float32Array(n * 5)
  const indicators = new Float32Array(n * 2)
  const labels = new Float32Array(n * 3)
  for (let row = 0; row < n; row++) {
    const up = rng.next() < base
    let close = 1e-6 * Math.exp(rng.normal())
    for (let t = 0; t < STEPS; t++) {
      const open = close
      close *= Math.exp(0.02 * rng.normal() + (t >= STEPS / 2 ? (up ? 0.02 : -0.02) : 0))
      candles.set(
        [open, Math.max(open, close) * 1.01, Math.min(open, close) * 0.99, close, 100 * rng.next()],
        (row * STEPS + t) * 5,
      )
    }
    context.set([1e4 * rng.next(), 1e5, row % 3 ? 100 * rng.next() : Number.NaN, 5, 1e3], row * 5)
    indicators.set([50 * rng.next(), close * 1.1], row * 2)
    labels.set(
      [Number(up), up ? 0.1 * rng.next() : 0.01, row % 2 ? Number(rng.next() < 0.3) : Number.NaN],
      row * 3,
    )
  }
  return {
    candles,
    context,
    indicators,
    labels,
    ts: Float64Array.from({ length: n }, (_, i) => i * 60_000),
  }
}

/** A net of a few hundred parameters over them. */
export const TINY: Partial<SequenceOptions> = {
  steps: STEPS,
  sizes: { recurrent: [4, 4], width: 8, heads: 2, branch: 4, dense: 6 },
  transforms: ['plain', 'price'],
  batch: 16,
  epochs: 2,
  threads: 1,
  learningRate: 1e-2,
}

/** Hooks that remember what was saved and stop after `stopAfter` steps. */
export function quietHooks(
  stopAfter = Infinity,
): FitHooks & { saved: Checkpoint[]; losses: number[] } {
  const saved: Checkpoint[] = []
  const losses: number[] = []
  return {
    saved,
    losses,
    now: () => 0,
    stopped: () => losses.length >= stopAfter,
    onStep: ({ loss }) => void losses.push(loss),
    onEpoch: () => {},
    save: async checkpoint => void saved.push(structuredClone(checkpoint)),
  }
}
