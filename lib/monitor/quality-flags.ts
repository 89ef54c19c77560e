import { duration, num, type Values } from '../base/flags.ts'
import { JUMP } from '../market/bar.ts'

/** What marks a line. */
export const markFlags = {
  stale: duration('a pool that has not changed for this long is stale', {
    default: '10m',
    min: '1s',
  }),
  staleFacts: duration('age at which reported holders and their shares are stale', {
    default: '1h',
    min: '1s',
  }),
  jump: num('factor between two prices of a pool that is a jump', { default: JUMP, min: 1 }),
}

/** What marks a column. */
export const summaryFlags = {
  maxMissing: num('share of unknown values that is marked (with --summary)', {
    default: 0.1,
    min: 0,
    max: 1,
  }),
  maxImbalance: num('largest class over smallest that is marked (with --summary)', {
    default: 10,
    min: 1,
  }),
}

export type MarkLimits = Values<typeof markFlags>
export type SummaryLimits = Values<typeof summaryFlags>
