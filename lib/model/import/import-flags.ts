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
  scaler: list('key of the scaler in a file that holds several; INPUT=KEY for each input', {
    value: 'KEY',
  }),
  kind: choice('what the model is for (default: the kind that has the heads, else moon)', [
    'sequence',
    'moon',
    'rug',
    'opportunity',
  ] as const),
  set: text('feature set (default: the one of the kind)', { value: 'SET' }),
  head: list(
    'head (default: the first one of the kind); HEAD=OUTPUT, OUTPUT@CLASS or OUTPUT:UNIT for ' +
      'each of several',
    { value: 'HEAD' },
  ),
  input: list(
    'input of the graph (default: its only one); NAME=FEATURE,FEATURE or NAME=SET.TENSOR for ' +
      'each of several',
    { value: 'NAME' },
  ),
  output: text('output of the graph that holds the head (default: its last)', {
    value: 'NAME',
  }),
  class: text('class whose probability the head is, by its word', { value: 'WORD' }),
  column: int('column of that output where the file names no classes, 1 of two', {
    min: 0,
    max: 1000,
  }),
  unit: choice('what the model says the head in; needed for maxProfit', UNIT_NAMES),
  map: file('JSON with inputs, scalers and heads by name, instead of these flags'),
  categories: list(
    'what numbers on lines stand for in a category of pandas: FEATURE=codes, those of pandas, or ' +
      'FEATURE=WORD,WORD for places in this list',
    { value: 'FEATURE=A,B' },
  ),
  parity: file('rows and what Python says of them, .npz or JSON: raw inputs, outputs'),
  mostUnknown: int(
    'unknown inputs up to which it may be asked (default: the most on one of the rows of ' +
      '--parity; without those none)',
    { min: 0, max: 1000 },
  ),
})

export type ImportFlags = Values<typeof importFlags>
