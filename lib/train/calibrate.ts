import { between } from './trees/bins.ts'
import { sigmoid } from './trees/loss.ts'

/** p = 1/(1+e^−(slope·z+offset)) of a raw score z. */
export interface Platt {
  kind: 'platt'
  slope: number
  offset: number
}
/** Steps: value[k] for z in (edge[k−1], edge[k]]; one value more than edges. */
export interface Isotonic {
  kind: 'isotonic'
  edges: readonly number[]
  values: readonly number[]
}
export type Calibration = Platt | Isotonic

/** Rows from which isotonic regression is worth its freedom. */
const ISOTONIC_ROWS = 1000

/** Isotonic from 1,000 rows up, Platt below. Rows must be later than the training rows and disjoint from them. */
export const calibrate = (z: Float64Array, label: Float64Array): Calibration =>
  z.length >= ISOTONIC_ROWS ? offTheEnds(isotonic(z, label), z.length) : platt(z, label)

/** Nothing seen in n rows is not impossible: values stay half a row off 0 and 1. */
function offTheEnds({ edges, values }: Isotonic, rows: number): Isotonic {
  const least = 0.5 / rows
  return { kind: 'isotonic', edges, values: values.map(p => Math.fround(Math.min(1 - least, Math.max(least, p)))) }
}

/** The probability for a raw score. */
export function applyCalibration(calibration: Calibration, z: number): number {
  if (calibration.kind === 'platt') return sigmoid(calibration.slope * z + calibration.offset)
  let low = 0
  let high = calibration.edges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (z <= (calibration.edges[middle] as number)) high = middle
    else low = middle + 1
  }
  return calibration.values[low] as number
}

/**
 * Platt scaling (Platt 1999 with the Newton iteration of Lin, Lin and Weng 2007): labels are pulled to (N₊+1)/(N₊+2)
 * and 1/(N₋+2). Slope is Platt's −A, offset −B.
 */
export function platt(z: Float64Array, label: Float64Array): Platt {
  const ones = label.reduce((sum, y) => sum + (y === 1 ? 1 : 0), 0)
  const zeros = label.length - ones
  const target = label.map(y => (y === 1 ? (ones + 1) / (ones + 2) : 1 / (zeros + 2)))
  let [slope, offset] = [0, Math.log((ones + 1) / (zeros + 1))]
  let loss = crossEntropy(z, target, slope, offset)
  for (let round = 0; round < 100; round++) {
    const step = newton(z, target, slope, offset)
    let rate = 1
    let next = crossEntropy(z, target, slope - step[0], offset - step[1])
    while (next > loss && rate > 1e-10) {
      rate /= 2
      next = crossEntropy(z, target, slope - rate * step[0], offset - rate * step[1])
    }
    slope -= rate * step[0]
    offset -= rate * step[1]
    if (loss - next < 1e-14 * Math.abs(loss)) break
    loss = next
  }
  return { kind: 'platt', slope, offset }
}

/** −Σ t·ln σ(s) + (1−t)·ln(1−σ(s)) with s = slope·z+offset, written so that it cannot overflow. */
function crossEntropy(z: Float64Array, target: Float64Array, slope: number, offset: number): number {
  let sum = 0
  for (let i = 0; i < z.length; i++) {
    const s = slope * (z[i] as number) + offset
    sum += Math.max(s, 0) - s * (target[i] as number) + Math.log1p(Math.exp(-Math.abs(s)))
  }
  return sum
}

function newton(z: Float64Array, target: Float64Array, slope: number, offset: number): [number, number] {
  let [g1, g2, h11, h12, h22] = [0, 0, 1e-12, 0, 1e-12]
  for (let i = 0; i < z.length; i++) {
    const x = z[i] as number
    const p = sigmoid(slope * x + offset)
    const error = p - (target[i] as number)
    const curvature = p * (1 - p)
    g1 += error * x
    g2 += error
    h11 += curvature * x * x
    h12 += curvature * x
    h22 += curvature
  }
  const determinant = h11 * h22 - h12 * h12
  return [(h22 * g1 - h12 * g2) / determinant, (h11 * g2 - h12 * g1) / determinant]
}

/** Rising step function of least squared error, by pooling adjacent violators (Ayer et al. 1955). Edges are float32 midpoints. */
export function isotonic(z: Float64Array, label: Float64Array): Isotonic {
  const order = Int32Array.from(z, (_, i) => i).sort((i, j) => (z[i] as number) - (z[j] as number))
  const pooled = pool(mergeTies(order, z, label))
  const edges = pooled.slice(1).map((block, k) => between((pooled[k] as Block).to, block.from))
  return { kind: 'isotonic', edges, values: pooled.map(block => Math.fround(block.sum / block.rows)) }
}

interface Block {
  from: number
  to: number
  sum: number
  rows: number
}

/** Equal scores cannot get different values: they enter as one block. float32, because that is what the graph sees. */
function mergeTies(order: Int32Array, z: Float64Array, label: Float64Array): Block[] {
  const blocks: Block[] = []
  for (const i of order) {
    const x = Math.fround(z[i] as number)
    const last = blocks.at(-1)
    if (last !== undefined && last.to === x) {
      last.sum += label[i] as number
      last.rows++
    } else blocks.push({ from: x, to: x, sum: label[i] as number, rows: 1 })
  }
  return blocks
}

function pool(blocks: readonly Block[]): Block[] {
  const out: Block[] = []
  for (const block of blocks) {
    let current = { ...block }
    for (
      let last = out.at(-1);
      last !== undefined && last.sum * current.rows >= current.sum * last.rows;
      last = out.at(-1)
    ) {
      out.pop()
      current = { from: last.from, to: current.to, sum: last.sum + current.sum, rows: last.rows + current.rows }
    }
    out.push(current)
  }
  return out
}
