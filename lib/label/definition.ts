import { createHash } from 'node:crypto'
import { show, UsageError } from '../base/errors.ts'
import { defaultsOf } from '../base/flags.ts'
import type { WhaleSize } from '../market/whale.ts'
import { HORIZON, HORIZONS } from '../records/label.ts'
import { type LabelFlags, labelFlags } from './label-flags.ts'

/** Lower ends of the classes from DIP on, and the others: RUG ≤ 1st < … < MOON above the last. */
type Bounds = readonly [number, number, number, number, number, number]

/** What a label means, beyond its horizon. Every part of it is in the hash of the label. */
export interface Definition
  extends Pick<
      LabelFlags,
      | 'profit'
      | 'profitWithin'
      | 'rugLoss'
      | 'rugDrain'
      | 'moonGain'
      | 'willRugLoss'
      | 'wentQuiet'
      | 'quietSize'
      | 'quietSizeUsd'
    >,
    WhaleSize {
  bounds: Bounds
}

/** The flags that a definition is made from. */
export type MeaningFlags = Pick<LabelFlags, keyof Definition>

/** What kind of end a horizon has. */
export type Horizon =
  | { name: string; kind: 'time'; ms: number }
  | { name: string; kind: 'snapshots'; snapshots: number }
  | { name: string; kind: 'path' }

/** Raised when the same settings come to mean something else. */
const VERSION = 1
const UNIT = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const LONGEST = 30 * UNIT.d
const MOST_SNAPSHOTS = 1000

/**
 * Reads the name of a horizon: m5, h1, d3 end after that time (30 days at most), n10 with that
 * snapshot of the pool (1,000 at most), path with the second quote of an opportunity.
 * @throws UsageError for any other name.
 */
function horizonOf(name: string): Horizon {
  if (name === 'path') return { name, kind: 'path' }
  const [unit, count] = new RegExp(HORIZON).test(name) ? [name[0]!, Number(name.slice(1))] : ['', 0]
  if (unit === 'n' && count <= MOST_SNAPSHOTS) return { name, kind: 'snapshots', snapshots: count }
  const ms = unit in UNIT ? UNIT[unit as keyof typeof UNIT] * count : 0
  if (ms > 0 && ms <= LONGEST) return { name, kind: 'time', ms }
  throw new UsageError(
    `--horizons: no ${show(name)}; there are ${HORIZONS.join(', ')}, and any mN, hN, dN up to ` +
      `30 days and nN up to ${MOST_SNAPSHOTS} snapshots`,
  )
}

/** Horizons with one length each. @throws UsageError naming two that end at once, as h24 and d1. */
export function horizonsOf(names: readonly string[]): Horizon[] {
  const all = [...new Set(names)].map(horizonOf)
  for (const [i, one] of all.entries()) {
    const same = all.slice(0, i).find(other => endOf(other) === endOf(one))
    if (same !== undefined)
      throw new UsageError(`--horizons: ${same.name} and ${one.name} are the same`)
  }
  return all.sort((a, b) => endOf(a) - endOf(b))
}

/** Order of horizons that are known at once: by length, then by snapshots, path last. */
export const endOf = (horizon: Horizon): number =>
  horizon.kind === 'time'
    ? horizon.ms
    : horizon.kind === 'snapshots'
      ? 1e12 + horizon.snapshots
      : 2e12

/**
 * Bounds of the classes from words.
 * @throws UsageError where they are not six rising numbers from −1.
 */
function boundsOf(words: readonly string[]): Bounds {
  const bounds = words.map(Number)
  const isRising = bounds.every((x, i) => Number.isFinite(x) && x > (bounds[i - 1] ?? -1))
  if (bounds.length !== 6 || !isRising)
    throw new UsageError(
      `--bounds ${words.join(',')}: expected six rising returns above -1, ends of RUG, DECLINE, ` +
        'DIP, STABLE, CLIMB and PUMP',
    )
  return bounds as unknown as Bounds
}

/** The definition that the flags of `label` give. */
export function definitionOf(flags: MeaningFlags): Definition {
  const { bounds, profit, profitWithin, rugLoss, rugDrain } = flags
  const { moonGain, willRugLoss, whale, whaleUsd } = flags
  const { wentQuiet, quietSize, quietSizeUsd } = flags
  return {
    bounds: boundsOf(bounds),
    profit,
    profitWithin,
    rugLoss,
    rugDrain,
    moonGain,
    willRugLoss,
    wentQuiet,
    quietSize,
    quietSizeUsd,
    whale,
    whaleUsd,
  }
}

/**
 * What a label of a horizon means, in 12 hex digits: over its end and all settings that it is
 * computed from. Two labels with one hash may stand in one table.
 */
export function hashOf(horizon: Horizon, definition: Definition): string {
  const { moonGain, willRugLoss, profitWithin, ...timed } = definition
  const { quietSize, quietSizeUsd, ...rest } = timed
  const sizes = timed.wentQuiet === 'last' ? { quietSize, quietSizeUsd } : {}
  const own =
    horizon.kind === 'time'
      ? { ...rest, ...sizes, profitWithin: Math.min(profitWithin, horizon.ms) }
      : horizon.kind === 'snapshots'
        ? { moonGain, willRugLoss }
        : {}
  const text = JSON.stringify([VERSION, endOf(horizon), Object.entries(own).sort()], (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** Whether horizons mean what they do when no flag says otherwise. */
export function isUsual(horizons: readonly Horizon[], definition: Definition): boolean {
  const usual = definitionOf(defaultsOf(labelFlags))
  return horizons.every(each => hashOf(each, definition) === hashOf(each, usual))
}
