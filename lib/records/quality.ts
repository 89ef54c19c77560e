import {
  count,
  fraction,
  list,
  maybe,
  name,
  number,
  object,
  oneOf,
  positive,
  type Static,
  text,
  time,
} from './kit.ts'

/**
 * Marks on a line whose data look wrong; on lines of kind quality, the same of a column of many
 * lines.
 */
export const Quality = object('data quality', {
  score: positive('100 = nothing to complain about', 'points'),
  marks: list('what looks wrong', name('mark'), 64),
  column: maybe(name('feature (set.name), label, or all')),
  lines: maybe(count('lines judged')),
  missing: maybe(fraction('share of lines where it is unknown')),
  mean: maybe(number('mean', 'of the column')),
  sigma: maybe(positive('standard deviation', 'of the column')),
  min: maybe(number('smallest value', 'of the column')),
  p05: maybe(number('5th percentile', 'of the column')),
  median: maybe(number('median', 'of the column')),
  p95: maybe(number('95th percentile', 'of the column')),
  max: maybe(number('largest value', 'of the column')),
  outliers: maybe(fraction('share of values more than 3 σ from the mean')),
  robustOutliers: maybe(fraction('share of values more than 3.5 scaled MAD from the median')),
  stuck: maybe(fraction('share of the lines since its last new value, at the end')),
  imbalance: maybe(positive('largest class over smallest', 'ratio')),
})
export type Quality = Static<typeof Quality>

/** Something a person should hear of. */
export const Alert = object('an alert', {
  severity: oneOf('how bad', ['info', 'warn', 'error']),
  name: name('what it is about'),
  value: maybe(number('what was measured', 'as the alert says')),
  limit: maybe(number('what was allowed', 'as the alert says')),
  text: text('one sentence', 500),
})
export type Alert = Static<typeof Alert>

/** A stretch of time in which a source lost data. */
export const Gap = object('lost data', {
  fromAt: time('last moment known'),
  untilAt: maybe(time('first moment known again')),
  lost: maybe(count('events known to be lost')),
  reason: text('why'),
})
export type Gap = Static<typeof Gap>
