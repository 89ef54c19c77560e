import { duration, file, grouped, text, type Values } from '../../base/flags.ts'
import { writingFlags } from '../../table/time-flags.ts'

/** Flags of `models calibrate`. */
export const recalibrateFlags = grouped('Flags of calibrate', {
  rows: file('labelled rows: a table, or a folder of train-export'),
  label: text('column with what happened (default: that of the model)', { value: 'COLUMN' }),
  time: text('column with the time of the row (default: ts)', { value: 'COLUMN' }),
  group: text('column with the token of the row (default in an export: mint)', {
    value: 'COLUMN',
  }),
  horizon: duration('how long after its row a label is known (default: that of the model)'),
  ...writingFlags,
})
export type RecalibrateFlags = Values<typeof recalibrateFlags>
