import { divideTable, type PriceUnits } from '../table/price-units.ts'
import { type Table, toMatrix } from '../table/table.ts'
import type { Bundle } from './bundle.ts'

type Distribution = NonNullable<Bundle['distribution']>

/**
 * How far a row lies from the training data: root mean square of its known features in spreads
 * around the centre, over the 99th percentile of the same number in training. Above 1 is farther
 * than 99 of 100 training rows.
 */
export function makeDistance(distribution: Distribution): (row: Float32Array) => number {
  const rms = makeRms(distribution)
  return row => (distribution.p99 > 0 ? rms(row) / distribution.p99 : 0)
}

type Place = Omit<Distribution, 'p99'>

function makeRms({ center, spread, by, prices = [] }: Place): (row: Float32Array) => number {
  const isPrice = center.map((_, f) => by !== undefined && prices.includes(f))
  return row => {
    const close = by === undefined ? 1 : row[by]!
    let sum = 0
    let known = 0
    for (let f = 0; f < row.length; f++) {
      const x = isPrice[f] ? row[f]! / close : row[f]!
      const z = (x - center[f]!) / spread[f]!
      if (!Number.isFinite(z)) continue
      sum += Math.min(1e6, Math.abs(z)) ** 2
      known++
    }
    return known === 0 ? 0 : Math.sqrt(sum / known)
  }
}

/**
 * Measures centre (mean), spread (standard deviation) and p99 on training rows. Columns in units of
 * price are taken relative to column `by`; the level of that column itself says nothing and gets an
 * endless spread.
 */
export function measureDistribution(table: Table, prices?: PriceUnits): Distribution {
  const scaled = prices === undefined ? table : divideTable(table, prices)
  const center: number[] = []
  const spread: number[] = []
  scaled.columns.forEach((column, f) => {
    const known = Float64Array.from(column.filter(Number.isFinite))
    const mean = known.reduce((sum, x) => sum + x, 0) / Math.max(1, known.length)
    const variance = known.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, known.length)
    center.push(mean)
    spread.push(prices?.by === f ? Number.MAX_VALUE : variance > 0 ? Math.sqrt(variance) : 1)
  })
  const place = {
    center,
    spread,
    ...(prices === undefined ? {} : { by: prices.by, prices: [...prices.columns] }),
  }
  const rms = makeRms(place)
  const rows = toMatrix(table)
  const width = table.columns.length
  const distances = Float64Array.from({ length: table.rows }, (_, i) =>
    rms(rows.subarray(i * width, (i + 1) * width)),
  )
  distances.sort()
  return { ...place, p99: distances[Math.floor(0.99 * (table.rows - 1))] ?? 0 }
}
