import type { FeatureSet } from '../../records/features.ts'
import type { Rec } from '../../records/record.ts'
import type { WhaleOptions } from '../families/whales-family.ts'
import type { SetName } from '../sets.ts'
import type { Tape } from './state-tape.ts'

/** Feature sets of a line by name. */
export type Entries = Record<string, FeatureSet>

/**
 * One family of features of one token. `see` takes every line of the token in order and adds what
 * is due on this line to `entries`. It never reads lines of other tokens.
 */
export interface Family {
  see(rec: Rec, entries: Entries): void
  visit(tape: Tape): void
}

/** What the families are told by the flags. */
export interface FeatureOptions {
  sets: readonly SetName[]
  /** Least event time between two lines with the same set of one pool, in ms; 0 = every line. */
  every: number
  thresholds: RegimeThresholds
  /** Wallets whose trades count as smart money; absent = not known. */
  smartWallets: Wallets | undefined
  /** How large a trade of a whale is. */
  whales: WhaleOptions
  /** GARCH(1,1) parameters of log returns; absent = not known. */
  garch: { mu: number; omega: number; alpha: number; beta: number } | undefined
  count(what: string, by?: number): void
}

/** Wallets by address: a list of them, or a ranking that changes with time. */
export interface Wallets {
  has(wallet: string): boolean
}

export interface RegimeThresholds {
  /** Price change over 10 snapshots at or below which it is a rug-dump. */
  rugChange: number
  /** Change of the quote reserve from one snapshot to the next at or below which it is one too. */
  drain: number
  moonChange: number
  climbChange: number
  /** Snapshots with a gain, of the last 10, that make a steady climb. */
  climbGains: number
}

export const DEFAULT_THRESHOLDS: RegimeThresholds = {
  rugChange: -0.5,
  drain: -0.3,
  moonChange: 0.5,
  climbChange: 0.05,
  climbGains: 6,
}

/** Whether event time has moved far enough since the last emission; also after it was set back. */
export const isDue = (ts: number, emittedAt: number, every: number): boolean =>
  Math.abs(ts - emittedAt) >= every

const DAY = 86_400_000
/** UTC time of day as a point on the circle. */
export const hourOfDay = (ts: number): { hourSin: number; hourCos: number } => {
  const angle = (2 * Math.PI * (ts % DAY)) / DAY
  return { hourSin: Math.sin(angle) + 0, hourCos: Math.cos(angle) + 0 }
}

/** x / y − 1; absent where it is not a number (y = 0, unknown sides). */
export function ratioChange(x: number | undefined, y: number | undefined): number | undefined {
  if (x === undefined || y === undefined) return undefined
  const change = x / y - 1
  return Number.isFinite(change) ? change + 0 : undefined
}

/**
 * Copies the known values only. Order of keys = order given. (Spreading groups into one first costs
 * several times as much.)
 */
export function known(
  ...groups: readonly Record<string, number | undefined>[]
): Record<string, number> {
  const out: Record<string, number> = {}
  for (const values of groups) {
    for (const name in values) {
      const value = values[name]
      if (value !== undefined && Number.isFinite(value)) out[name] = value + 0
    }
  }
  return out
}
