import type { Label } from '../records/label.ts'
import type { Rec } from '../records/record.ts'
import { changeOf } from './change.ts'
import type { Definition, Horizon } from './definition.ts'
import { type Base, nothingSeen, type Seen } from './outcome.ts'

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
  open: { horizon: string; due: number; seen: Seen }[]
  /**
   * Snapshots of its pool seen so far, the best price among them, and the numbers of snapshots that
   * are still awaited.
   */
  snapshots: number
  snapshotHigh: number
  awaits: number[]
}

/** Without its snapshots in this time such a label is censored. */
export const PATIENCE = 86_400_000

/**
 * Starts to wait for the outcomes of a line: of the timed horizons those named, and none of an
 * opportunity, which is quoted again instead.
 */
export function makeAnchor(rec: Rec, parts: Partial<Rec>, horizons: readonly Horizon[]): Anchor {
  const { v, id, ts, kind, mint, pool, source } = rec
  const head: Anchor['head'] = { v, id, ts, kind, source }
  if (mint !== undefined) head.mint = mint
  if (pool !== undefined) head.pool = pool
  const isTimed = kind !== 'opportunity'
  return {
    head,
    parts,
    unit: 'none',
    snapshots: 0,
    snapshotHigh: 0,
    base: { ts, isSol: false, hourHigh: 0 },
    open: horizons.flatMap(horizon =>
      isTimed && horizon.kind === 'time'
        ? [{ horizon: horizon.name, due: ts + horizon.ms, seen: nothingSeen() }]
        : [],
    ),
    awaits: horizons.flatMap(horizon =>
      isTimed && pool !== undefined && horizon.kind === 'snapshots' ? [horizon.snapshots] : [],
    ),
  }
}

/**
 * The label of the next snapshots: the *best* of them decides both moon (by default above +15 %)
 * and rug (below −50 %).
 */
export function snapshotLabel(
  { base, snapshots, snapshotHigh }: Anchor,
  wanted: number,
  { moonGain, willRugLoss }: Definition,
  { availableAt, isCut }: { availableAt: number; isCut: boolean },
): Label {
  const label: Partial<Label> = { horizon: `n${wanted}` }
  const { price } = base
  if (price !== undefined && base.isSol) label.basePriceSol = price
  if (price !== undefined && snapshots > 0) label.futureMaxGain = changeOf(price, snapshotHigh)
  const isWhole = label.futureMaxGain !== undefined && snapshots >= wanted
  if (isWhole) {
    label.willMoon = label.futureMaxGain! > moonGain
    label.willRug = label.futureMaxGain! < -willRugLoss
  }
  label.censored = !isWhole
  if (!isWhole)
    label.reason =
      price === undefined ? 'no-base-price' : isCut ? 'input-ended' : 'too-few-snapshots'
  label.availableAt = availableAt
  return label as Label
}
