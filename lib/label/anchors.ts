import type { Label } from '../records/label.ts'
import type { Rec } from '../records/record.ts'
import { type Base, changeOf, nothingSeen, type Seen, TIMED, type Timed } from './outcome.ts'

/**
 * A line whose outcome is awaited: its envelope, the parts that are copied, and what has been seen
 * since.
 */
export interface Anchor {
  head: Pick<Rec, 'v' | 'id' | 'ts' | 'kind' | 'mint' | 'pool' | 'source'>
  parts: Partial<Rec>
  base: Base
  unit: string
  /** Open horizons that end at a time. */
  open: { horizon: Timed; due: number; seen: Seen }[]
  /**
   * Snapshots of its pool seen so far, the best price among them, and whether the label is still
   * awaited.
   */
  snapshots: number
  snapshotHigh: number
  awaitsSnapshots: boolean
}

/** Lines after which the label `n10` is known. */
export const SNAPSHOTS = 10
/** Without ten snapshots in this time the label is censored. */
export const PATIENCE = 86_400_000

/**
 * Starts to wait for the outcomes of a line: of the timed horizons those named, and none of an
 * opportunity, which is quoted again instead.
 */
export function makeAnchor(rec: Rec, parts: Partial<Rec>, horizons: readonly string[]): Anchor {
  const { v, id, ts, kind, mint, pool, source } = rec
  const head: Anchor['head'] = { v, id, ts, kind, source }
  if (mint !== undefined) head.mint = mint
  if (pool !== undefined) head.pool = pool
  const isTimed = kind !== 'opportunity'
  const names = (Object.keys(TIMED) as Timed[]).filter(name => isTimed && horizons.includes(name))
  return {
    head,
    parts,
    unit: 'none',
    snapshots: 0,
    snapshotHigh: 0,
    base: { ts, isSol: false, hourHigh: 0 },
    open: names.map(horizon => ({ horizon, due: ts + TIMED[horizon], seen: nothingSeen() })),
    awaitsSnapshots: isTimed && pool !== undefined && horizons.includes('n10'),
  }
}

/**
 * The label of the next ten snapshots: the *best* of them decides both moon (> +15 %) and rug (<
 * −50 %).
 */
export function snapshotLabel(
  { base, snapshots, snapshotHigh }: Anchor,
  availableAt: number,
  isCut: boolean,
): Label {
  const label: Partial<Label> = { horizon: 'n10' }
  const { price } = base
  if (price !== undefined && base.isSol) label.basePriceSol = price
  if (price !== undefined && snapshots > 0) label.futureMaxGain = changeOf(price, snapshotHigh)
  const isWhole = label.futureMaxGain !== undefined && snapshots >= SNAPSHOTS
  if (isWhole) {
    label.willMoon = label.futureMaxGain! > 0.15
    label.willRug = label.futureMaxGain! < -0.5
  }
  label.censored = !isWhole
  if (!isWhole)
    label.reason =
      price === undefined ? 'no-base-price' : isCut ? 'input-ended' : 'too-few-snapshots'
  label.availableAt = availableAt
  return label as Label
}
