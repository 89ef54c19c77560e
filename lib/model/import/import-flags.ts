import { choice, file, grouped, int, list, text, type Values } from '../../base/flags.ts'

/** Flags of `models import`. */
export const importFlags = grouped('Flags of import', {
  out: file('the new bundle: NAME@VERSION, or a folder …/NAME/VERSION', {
    value: 'NAME@VERSION',
  }),
  features: list('features in the order of the model input', { value: 'A,B' }),
  scalers: file(
    'scaler of the features, JSON or a file of pickle or joblib (StandardScaler, ' +
      'RobustScaler, MinMaxScaler)',
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
  column: int('column of that output, for instance 1 of the probabilities of two classes', {
    min: 0,
    max: 1000,
  }),
})

export type ImportFlags = Values<typeof importFlags>
