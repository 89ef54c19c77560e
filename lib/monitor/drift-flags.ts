import { bool, duration, file, int, list, num, text, type Values } from '../base/flags.ts'
import { models } from '../model/models-flag.ts'
import { memory } from '../store/duck/memory-flag.ts'
import { writingFlags } from '../table/time-flags.ts'

/** Flags of `drift`. */
export const driftFlags = {
  model: list('models to look at: NAME or NAME@VERSION (default: all in production)', {
    value: 'NAME,…',
    names: 'models',
  }),
  models,
  reference: file('table or lines to compare with, instead of what the bundle holds'),
  group: text('column of a table with the token: one row of each counts', { value: 'COLUMN' }),
  window: duration('length of a window of event time (default: as the bundle was made for, 24h)', {
    min: '1m',
    max: '30d',
  }),
  running: int('windows in a row beyond the limit that make an alarm', {
    default: 1,
    min: 1,
    max: 100,
  }),
  alpha: num(
    'chance that a version without drift is ever said to drift; of a FILE: this one time',
    {
      default: 0.005,
      min: 1e-9,
      max: 0.5,
    },
  ),
  tail: bool('also read what the database does not have yet', { default: true }),
  ...writingFlags,
  memory,
  check: bool('exit 1 when something has drifted'),
}
export type DriftFlags = Values<typeof driftFlags>
