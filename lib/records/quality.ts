import { count, list, maybe, name, number, object, oneOf, positive, type Static, text, time } from './kit.ts'

/** Marks on a line whose data look wrong. */
export const Quality = object('data quality', {
  score: positive('100 = nothing to complain about', 'points'),
  marks: list('what looks wrong', name('mark'), 64),
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
