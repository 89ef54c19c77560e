import type { Flags } from '../../base/flags.ts'
import type { FeatureSet } from '../../records/features.ts'
import type { Rec } from '../../records/record.ts'
import type { FeatureSetDefinition } from './feature-set.ts'
import type { StateTape } from './state-tape.ts'
import type { Facts } from './token-facts.ts'

/** Feature sets of a line by name. */
export type Entries = Record<string, FeatureSet>

/** What a family keeps of one token. */
export interface TokenState {
  /**
   * Takes every line of the token in order and adds what is due on this line to `entries`. It never
   * reads lines of other tokens.
   */
  see(rec: Rec, entries: Entries): void
  visit(tape: StateTape): void
}

/** What a family keeps of all tokens together. */
export interface MarketState {
  /** Event time has reached `ts`; called before the line counts. */
  advance?(ts: number): void
  /** Time has been set back to `ts` for good: what was of later times was wrong. */
  setBack?(ts: number): void
  /** Takes every line of every token, after their own states. */
  see?(rec: Rec): void
  visit(tape: StateTape): void
}

/** What the state of a token is given: what is known of the token, and of all tokens. */
export interface Known<Market extends MarketState = MarketState> {
  facts: Facts
  market: Market | undefined
}

/**
 * A family of features: the sets that are computed from one state, and their flags. Adding a family
 * is a file like those in ../families and its row in ../sets.ts.
 */
export interface FeatureFamily<
  Options extends FeatureOptions = FeatureOptions,
  Market extends MarketState = MarketState,
> {
  sets: readonly FeatureSetDefinition[]
  /** Flags of `features` that mean something to these sets; their values are among the options. */
  flags?: Flags
  /** The state of a token that is new; called only where one of the sets is wanted. */
  make(options: Options, known: Known<Market>): TokenState
  /** State over all tokens: its name in a saved state, which is no mint, and how it begins. */
  market?: { key: string; make(options: Options): Market | undefined }
}

/** What every family is told; each says what more it needs. */
export interface FeatureOptions {
  /** Names of the sets that are wanted. */
  sets: readonly string[]
  /** Least event time between two lines with the same set of one pool, in ms; 0 = every line. */
  every: number
  count(what: string, by?: number): void
}

/** Wallets by address: a list of them, or a ranking that changes with time. */
export interface Wallets {
  has(wallet: string): boolean
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
