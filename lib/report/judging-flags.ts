import { duration, int, num, text, type Values } from '../base/flags.ts'

/** Flags of every command that judges trades. */
export const judgingFlags = {
  period: duration('length of a period of the Sharpe and Sortino ratios', {
    default: '1d',
    min: '1m',
    max: '30d',
  }),
  resample: int('runs of each resampling of the trades', {
    default: 1000,
    min: 100,
    max: 1_000_000,
  }),
  ruin: num('share of the starting cash at which an account counts as lost', {
    default: 0.5,
    min: 0,
    max: 1,
  }),
  seed: text('what resamplings and random entries are drawn from', { default: 'report' }),
}

export type Judging = Values<typeof judgingFlags>

/** Of every command that judges labelled decisions. */
export const outcomeFlags = {
  horizon: text('label to judge decisions by', {
    default: 'h1',
    value: 'H',
    pattern: /^[mhd][1-9][0-9]{0,4}$/,
    expected: 'a horizon that ends at a time, such as m5, h1 or d3',
  }),
  costBps: num('what buying and selling costs together, in basis points', {
    default: 110,
    min: 0,
    max: 9000,
  }),
}
export type OutcomeOptions = Values<typeof outcomeFlags>
