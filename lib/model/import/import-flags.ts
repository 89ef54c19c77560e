import { choice, file, grouped, int, list, text, type Values } from '../../base/flags.ts'
import { UNIT_NAMES } from './head-units.ts'

/** Flags of `models import`. */
export const importFlags = grouped('Flags of import', {
  out: file('the new bundle: NAME@VERSION, or a folder …/NAME/VERSION', {
    value: 'NAME@VERSION',
  }),
  features: list('features in the order of the model input', { value: 'A,B' }),
  scalers: file(
    'scalers of the features, JSON or a file of pickle or joblib (StandardScaler, ' +
      'RobustScaler, MinMaxScaler, MaxAbsScaler)',
  ),
  scaler: text('key of the scaler in a file that holds a dict of them', { value: 'KEY' }),
  kind: choice('what the model is for', ['sequence', 'moon', 'rug', 'opportunity'] as const, {
    default: 'moon',
  }),
  set: text('feature set (default: the one of the kind)', { value: 'SET' }),
  head: text('head (default: the first one of the kind)', { value: 'HEAD' }),
  input: text('input of the graph (default: its only one)', { value: 'NAME' }),
  output: text('output of the graph that holds the head (default: its last)', {
    value: 'NAME',
  }),
  class: text('class whose probability the head is, by its word', { value: 'WORD' }),
  column: int('column of that output where the file names no classes, 1 of two', {
    min: 0,
    max: 1000,
  }),
  unit: choice('what the model says the head in; needed for maxProfit', UNIT_NAMES),
})

export type ImportFlags = Values<typeof importFlags>
