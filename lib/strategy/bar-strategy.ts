import type { Flags, Values } from '../base/flags.ts'
import type { Strategy as Opinions } from '../records/strategy.ts'

/** What a strategy thinks at one bar. */
export type Opinion = Opinions[string]

/** A closed bar, as strategies see it. Prices in any one currency, volume in whole tokens. */
export interface Bar {
  open: number
  high: number
  low: number
  close: number
  volume: number
}

/** The state of one token. */
export interface StrategyState {
  /**
   * Takes the next bar, which it may keep but not change, and the time of its close. Absent opinion
   * = not yet warm.
   */
  update(bar: Bar, ts: number): Opinion | undefined
}

/** A way to trade: a file in lib/strategy. */
export interface Strategy<F extends Flags = Flags> {
  name: string
  /** Raised when the same bars get another opinion. */
  version: number
  doc: string
  /**
   * Used where --use does not say what to use. What is used unasked is measured:
   * bench/strategies.ts and README show how often it is right.
   */
  isDefault?: boolean
  /** Flags of `strategy` that are its own, with defaults and bounds. */
  flags?: F
  make(flags: Values<F>): StrategyState
}

/** Declares a strategy; its flags give `make` its types. */
export const strategy = <const F extends Flags = Record<never, never>>(
  declared: Strategy<F>,
): Strategy => declared as unknown as Strategy

/**
 * No signal at this bar, which is what most bars give: one value for all of them, as parts are
 * never changed in place.
 */
const HOLD: Opinion = { signal: 'hold', confidence: 0, reasons: [] }

/** No signal at this bar, and why. */
export const hold = (...reasons: string[]): Opinion =>
  reasons.length === 0 ? HOLD : { ...HOLD, reasons }

/** Opinion with a confidence kept inside 0–0.95 (nothing is certain) and to four decimals. */
export function opinion(signal: Opinion['signal'], confidence: number, reasons: string[]): Opinion {
  return {
    signal,
    confidence: Math.round(Math.min(0.95, Math.max(0, confidence)) * 1e4) / 1e4 + 0,
    reasons,
  }
}

/** Exponential mean with the weight 2 / (n + 1); `value` is undefined for the first n inputs. */
export function makeMean(n: number) {
  let mean = 0
  let seen = 0
  return {
    value: (): number | undefined => (seen < n ? undefined : mean),
    update(x: number): void {
      mean = seen === 0 ? x : mean + (2 / (n + 1)) * (x - mean)
      seen++
    },
  }
}
