import { edgesOf, fillBins } from './bins.ts'
import type { GrowRules } from './grow.ts'
import { DO, type GrowMemory, LEAF, LEAVES_AT, putFound } from './grow-memory.ts'
import { BINS, clear, type Histogram, makeHistogram, noSplit, scanFeature } from './tree-split.ts'

/** The part of one thread in growing trees; without end it does what the command in memory says. */
export function makeShard(memory: GrowMemory, rank: number, rules: GrowRules): () => void {
  const first = memory.starts[rank]!
  const width = memory.starts[rank + 1]! - first
  const bins = memory.bins[rank]!
  const histograms: Histogram[] = []
  let edges: Float32Array[] = []

  const histogram = (slot: number): Histogram => {
    histograms[slot] ??= makeHistogram(width)
    return histograms[slot] as Histogram
  }
  const cut = (): void => {
    edges = Array.from({ length: width }, (_, f) => {
      const column = memory.columns[first + f]!
      const found = edgesOf(column, rules.maxBins)
      fillBins(column, found, bins, f, width)
      return found
    })
  }
  const scan = (slot: number, leaf: number): void => {
    const leafAt = LEAVES_AT + leaf * LEAF
    const [g, h, n, low, high, mayGrow] = memory.command.subarray(
      leafAt,
      leafAt + LEAF,
    ) as unknown as number[]
    const total = { g: g!, h: h!, n: n! }
    const best = noSplit()
    for (let f = 0; f < width && mayGrow === 1; f++) {
      if (memory.isUsed[first + f] === 0) continue
      const cells = edges[f]!.length + 1
      const way = rules.monotone?.[first + f]
      const limits = way === undefined ? undefined : { low: low!, high: high!, way }
      const at = { histogram: histogram(slot), from: f * BINS, cells, feature: first + f }
      scanFeature(at, { total, rules, limits }, best)
    }
    const threshold = edges[best.feature - first]?.[best.bin] ?? Number.POSITIVE_INFINITY
    putFound(memory, rank, leaf, best, threshold)
  }

  return () => {
    const [action, slot, smaller, from, to] = memory.command as unknown as [
      number,
      number,
      number,
      number,
      number,
    ]
    if (action === DO.bin) cut()
    else if (action === DO.root) {
      accumulate(clear(histogram(slot)), { bins, width }, memory, from, to)
      scan(slot, 0)
    } else {
      accumulate(clear(histogram(smaller)), { bins, width }, memory, from, to)
      subtract(histogram(slot), histogram(smaller))
      scan(smaller, 0)
      scan(slot, 1)
    }
  }
}

/** Row by row: the bins of one row lie in one cache line. */
function accumulate(
  { sums, rows }: Histogram,
  { bins, width }: { bins: Uint8Array; width: number },
  { gradient, hessian, order }: GrowMemory,
  from: number,
  to: number,
): void {
  for (let k = from; k < to; k++) {
    const i = order[k]!
    const row = i * width
    const g = gradient[i]!
    const h = hessian[i]!
    for (let f = 0; f < width; f++) {
      const cell = f * BINS + bins[row + f]!
      const at = 2 * cell
      sums[at] = sums[at]! + g
      sums[at + 1] = sums[at + 1]! + h
      rows[cell] = rows[cell]! + 1
    }
  }
}

function subtract(from: Histogram, what: Histogram): void {
  for (let k = 0; k < from.sums.length; k++) from.sums[k] = from.sums[k]! - what.sums[k]!
  for (let k = 0; k < from.rows.length; k++) from.rows[k] = from.rows[k]! - what.rows[k]!
}
