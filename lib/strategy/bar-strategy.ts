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

/**
 * A way to trade: a file in lib/strategy. `make` gives the state of one token; `update` takes its
 * next bar, which it may keep but not change, and the time of its close. Absent opinion = not yet
 * warm.
 */
export interface Strategy {
  name: string
  doc: string
  make(): { update(bar: Bar, ts: number): Opinion | undefined }
}

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
