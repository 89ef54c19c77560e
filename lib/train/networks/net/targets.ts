import { DataError } from '../../../base/errors.ts'
import type { Head } from './network.ts'

/** What a head learns from: its labels turned into targets, and how to turn its output back. */
export interface Target {
  head: Head
  /** Factor on positive rows; 1 without class weights. */
  positiveWeight: number
  /** Regression: the target is (ln(1 + y) − centre) / spread. */
  centre: number
  spread: number
  /** Labels present, and of a binary head the share of positives. */
  rows: number
  base: number
}

/** A head without labels to learn from, and why. */
export interface Skipped {
  head: string
  reason: string
}

/**
 * Chooses the heads that can be learned from the labels [n, heads] of the training rows (NaN =
 * missing) and fits their target scales. @throws DataError naming every head and its reason when
 * none is left.
 */
export function fitTargets(
  heads: readonly Head[],
  labels: Float32Array,
  rows: readonly number[],
  balanced: boolean,
): { targets: Target[]; columns: number[]; skipped: Skipped[] } {
  const tried = heads.map((head, column) => {
    const known = rows
      .map(row => labels[row * heads.length + column]!)
      .filter(y => !Number.isNaN(y))
    return head.kind === 'binary'
      ? binaryTarget(head, known, balanced)
      : regressionTarget(head, known)
  })
  const skipped = tried.flatMap((made, i) =>
    typeof made === 'string' ? [{ head: heads[i]!.name, reason: made }] : [],
  )
  const targets = tried.filter(made => typeof made !== 'string')
  if (targets.length === 0)
    throw new DataError(skipped.map(({ head, reason }) => `${head}: ${reason}`).join('; '), {
      field: 'labels',
    })
  const columns = [...heads.keys()].filter(i => typeof tried[i] !== 'string')
  return { targets, columns, skipped }
}

function binaryTarget(head: Head, known: number[], balanced: boolean): Target | string {
  if (known.length === 0) return 'no row has this label'
  const odd = known.find(y => y !== 0 && y !== 1)
  if (odd !== undefined)
    throw new DataError(`must be 0, 1 or missing, got ${odd}`, { field: `labels.${head.name}` })
  const positives = known.filter(y => y === 1).length
  if (positives === 0 || positives === known.length)
    return `one class only: ${positives} of ${known.length} positive`
  const positiveWeight = balanced ? (known.length - positives) / positives : 1
  return {
    head,
    positiveWeight,
    centre: 0,
    spread: 1,
    rows: known.length,
    base: positives / known.length,
  }
}

function regressionTarget(head: Head, known: number[]): Target | string {
  if (known.length === 0) return 'no row has this label'
  const odd = known.find(y => !(y > -1) || y === Infinity)
  if (odd !== undefined)
    throw new DataError(`must be a fraction above -1, got ${odd}`, { field: `labels.${head.name}` })
  const logs = known.map(Math.log1p)
  const centre = logs.reduce((sum, x) => sum + x, 0) / logs.length
  const spread = Math.sqrt(logs.reduce((sum, x) => sum + (x - centre) ** 2, 0) / logs.length)
  if (!(spread > 1e-9)) return `one value only: ${known[0]}`
  return { head, positiveWeight: 1, centre, spread, rows: known.length, base: Math.expm1(centre) }
}

/**
 * Targets and loss weights of all rows, [n, targets]. The weight of a head averages to its share in
 * the loss over the training rows, so that a head with few labels counts as much as one with many.
 */
export function encodeTargets(
  targets: readonly Target[],
  columns: readonly number[],
  {
    labels,
    width,
    weights,
  }: { labels: Float32Array; width: number; weights: Float32Array | undefined },
  trainRows: readonly number[],
): { y: Float32Array; weight: Float32Array } {
  const n = labels.length / width
  const y = new Float32Array(n * targets.length)
  const weight = new Float32Array(n * targets.length)
  for (const [k, { head, positiveWeight, centre, spread }] of targets.entries()) {
    for (let row = 0; row < n; row++) {
      const label = labels[row * width + columns[k]!]!
      if (Number.isNaN(label)) continue
      const at = row * targets.length + k
      y[at] = head.kind === 'binary' ? label : (Math.log1p(label) - centre) / spread
      weight[at] =
        (weights?.[row] ?? 1) * (head.kind === 'binary' && label === 1 ? positiveWeight : 1)
    }
    const total = trainRows.reduce((sum, row) => sum + weight[row * targets.length + k]!, 0)
    for (let row = 0; row < n; row++)
      weight[row * targets.length + k]! *= (head.weight * trainRows.length) / total
  }
  return { y, weight }
}
