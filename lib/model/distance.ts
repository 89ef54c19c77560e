import type { Bundle } from './bundle.ts'

type Distribution = NonNullable<Bundle['distribution']>

/**
 * How far a row lies from the training data: root mean square of its known features in spreads around the centre, over
 * the 99th percentile of the same number in training. Above 1 is farther than 99 of 100 training rows.
 */
export function distanceOf({ center, spread, p99 }: Distribution, row: Float32Array): number {
  return p99 > 0 ? rms(center, spread, row) / p99 : 0
}

function rms(center: readonly number[], spread: readonly number[], row: Float32Array): number {
  let sum = 0
  let known = 0
  for (let f = 0; f < row.length; f++) {
    const z = ((row[f] as number) - (center[f] as number)) / (spread[f] as number)
    if (!Number.isFinite(z)) continue
    sum += Math.min(1e6, Math.abs(z)) ** 2
    known++
  }
  return known === 0 ? 0 : Math.sqrt(sum / known)
}

/** Measures centre (mean), spread (standard deviation, 1 for a constant) and p99 on training rows, row-major. */
export function measureDistribution(rows: Float32Array, width: number): Distribution {
  const count = rows.length / width
  const center: number[] = []
  const spread: number[] = []
  for (let f = 0; f < width; f++) {
    const known = Float64Array.from({ length: count }, (_, i) => rows[i * width + f] as number).filter(Number.isFinite)
    const mean = known.length === 0 ? 0 : known.reduce((sum, x) => sum + x, 0) / known.length
    const variance = known.length === 0 ? 0 : known.reduce((sum, x) => sum + (x - mean) ** 2, 0) / known.length
    center.push(mean)
    spread.push(variance > 0 ? Math.sqrt(variance) : 1)
  }
  const distances = Float64Array.from({ length: count }, (_, i) =>
    rms(center, spread, rows.subarray(i * width, (i + 1) * width)),
  )
  distances.sort()
  return { center, spread, p99: distances[Math.floor(0.99 * (count - 1))] ?? 0 }
}
