import { bool, duration, grouped, int, num, text, type Values } from '../../base/flags.ts'
import { models } from '../../model/models-flag.ts'
import { writingFlags } from '../../table/time-flags.ts'

/** Flags of `retrain`. */
export const retrainFlags = {
  ifDue: bool('train if a trigger asks for it'),
  now: bool('train now'),
  guard: bool('train nothing: guard what is in production and judge what is on trial, in seconds'),
  models,
  ...grouped('Rows to train on', {
    label: text('column to predict (default: that of production)', { value: 'COLUMN' }),
    time: text('column with the time of the row (default in an export: ts)', { value: 'COLUMN' }),
    group: text('column with the token of the row (default in an export: mint)', {
      value: 'COLUMN',
    }),
    horizon: duration('how long after its row a label is known', { default: '0' }),
    embargo: duration('gap kept after each boundary of a table', { default: '0' }),
    ...writingFlags,
  }),
  ...grouped('When it is due', {
    rows: int('new labelled rows that ask for a training', { default: 1000, min: 1 }),
    cooldown: duration('least time between two trainings', { default: '6h' }),
    lease: duration('a run that takes longer is taken for hung', { default: '6h', min: '1s' }),
    at: text('time of this run, for tests and replays (default: now)', { value: 'ISO' }),
  }),
  ...grouped('Guard', {
    guardRows: int('matured tokens before production is judged', { default: 100, min: 20 }),
    alertAccuracy: num('alert below this accuracy, by more than chance', {
      default: 0.7,
      min: 0,
      max: 1,
    }),
    alertDivergence: num('alert above this distance of an input from its training rows', {
      default: 0.3,
      min: 0,
      max: 1,
    }),
  }),
  ...grouped('Own trainer', {
    trainerTimeout: duration('longest time that the trainer of recipe.json may take', {
      default: '2h',
      min: '1s',
      max: '20d',
    }),
  }),
  ...grouped('Trial', {
    trial: duration('least event time on trial', { default: '24h' }),
    trialRows: int('least matured tokens on trial', { default: 100, min: 2 }),
    trialMost: duration('a trial that is not won by then is lost', { default: '14d' }),
    alpha: num('chance that a version which is no better is promoted, over its whole trial', {
      default: 0.05,
      min: 0.0001,
      max: 0.5,
    }),
    acceptUnderpowered: bool('also try and promote what is ahead and was not shown to be better'),
  }),
}
export type RetrainFlags = Values<typeof retrainFlags>
