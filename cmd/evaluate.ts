import { choice, file, num, text } from '../lib/base/flags.ts'
import { tool } from '../lib/cli/command.ts'

export default tool({
  name: 'evaluate',
  summary: 'Measure probabilities or models against what happened',
  details:
    'FILE is Parquet, CSV, NDJSON or the folder of train-export (its test part). --prob ' +
    'names a column of probabilities, --score one of any numbers that order the rows, ' +
    '--value one of forecasts of a number, from whatever made them; --model runs a bundle on ' +
    'the columns of its features, or on lines of features whose label part or field is ' +
    '--label, tensors included. A head of classes is judged by log loss, macro F1 and the ' +
    'AUC of each class, one of a number by MAE, RMSE, R² and Spearman. --against is a second ' +
    'column or model, compared on the same rows: difference of Brier scores (log loss of ' +
    'classes, squared error of numbers) with its paired bootstrap interval, DeLong and exact ' +
    'McNemar, and the verdict better, worse or underpowered. Rows that a model was trained ' +
    'on flatter it: give it later ones. One metric a line, with 95 % intervals; --group ' +
    'draws whole tokens.',
  flags: {
    label: text('column with what happened: 0 or 1, a class, or a number', {
      default: 'label',
      value: 'COLUMN',
    }),
    positive: text('word of the label column that counts as 1, the others as 0', { value: 'WORD' }),
    score: text('column with a score: only its order is judged', { value: 'COLUMN' }),
    value: text('column with forecasts of a number', { value: 'COLUMN' }),
    prob: text('column with probabilities', { value: 'COLUMN' }),
    model: text('model to run: NAME, NAME@VERSION or NAME@shadow', { value: 'NAME' }),
    head: text('head of the models, or HEAD.CLASS for one of its columns (default: their first)', {
      value: 'HEAD',
    }),
    against: text('second column, or model with --model', { value: 'NAME' }),
    models: file('folder of models, instead of $SLUICE_HOME/models and the shipped ones', {
      value: 'DIR',
    }),
    group: text('column with the token of the row', { value: 'COLUMN' }),
    threshold: num('probability from which a model says yes', { default: 0.5, min: 0, max: 1 }),
    format: choice('how to write it', ['auto', 'text', 'ndjson'], { default: 'auto' }),
  },
  args: { name: 'FILE', doc: 'table: .parquet, .csv, .ndjson, also .gz', min: 1, max: 1 },
  examples: [
    'sluice evaluate predictions.csv --label label --prob prob',
    'sluice evaluate test.parquet --label willMoon --model moon --against moon@shadow --group mint',
  ],
  async run(ctx, out) {
    const { runEvaluate } = await import('../lib/train/evaluate/run-evaluate.ts')
    const { home, log } = ctx
    await runEvaluate(ctx.args[0]!, ctx.flags, {
      home,
      log,
      out,
      isTerminal: process.stdout.isTTY === true,
    })
  },
})
