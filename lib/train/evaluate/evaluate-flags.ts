import { choice, grouped, num, text, type Values } from '../../base/flags.ts'
import { models } from '../../model/models-flag.ts'
import { writingFlags } from '../../table/time-flags.ts'

const { decimal } = writingFlags

/** Flags of `evaluate`. */
export const evaluateFlags = {
  format: choice('how to write it', ['auto', 'text', 'ndjson'], { default: 'auto' }),
  ...grouped('What is judged', {
    prob: text('column with probabilities', { value: 'COLUMN' }),
    score: text('column with a score: only its order is judged', { value: 'COLUMN' }),
    value: text('column with forecasts of a number', { value: 'COLUMN' }),
    model: text('model to run: NAME, NAME@VERSION, NAME@shadow or NAME@example', {
      value: 'NAME',
      names: 'models',
    }),
    head: text('head of the models, or HEAD.CLASS for one of its columns (default: their first)', {
      value: 'HEAD',
    }),
    against: text('second column, or model with --model', { value: 'NAME', names: 'models' }),
    models,
    threshold: num('probability from which a model says yes', { default: 0.5, min: 0, max: 1 }),
  }),
  ...grouped('What happened', {
    label: text('column with what happened: 0 or 1, a class, or a number', {
      default: 'label',
      value: 'COLUMN',
    }),
    positive: text('word of the label column that counts as 1, the others as 0', {
      value: 'WORD',
    }),
    group: text('column with the token of the row', { value: 'COLUMN' }),
    decimal,
  }),
}

export type EvaluateFlags = Values<typeof evaluateFlags>
