import { tool } from '../lib/command.ts'
import { choice, file, num, text } from '../lib/flags.ts'

export default tool({
  name: 'evaluate',
  summary: 'Measure probabilities or models against what happened',
  details:
    'FILE is Parquet, CSV or NDJSON with a 0/1 label. --prob names a column of probabilities, from whatever made them; --model runs a bundle on the columns of its features. --against is a second column or model, compared on the same rows: difference of Brier scores with its interval, DeLong and exact McNemar, and the verdict better, worse or underpowered. Rows that a model was trained on flatter it: give it later ones. One metric a line, with 95 % intervals; --group draws whole tokens.',
  flags: {
    label: text('column with what happened, 0 or 1', { default: 'label', value: 'COLUMN' }),
    prob: text('column with probabilities', { value: 'COLUMN' }),
    model: text('model to run: NAME, NAME@VERSION or NAME@shadow', { value: 'NAME' }),
    head: text('head of the models (default: their first)', { value: 'HEAD' }),
    against: text('second column (with --prob) or model (with --model)', { value: 'NAME' }),
    models: file('folder of models, instead of $SLUICE_HOME/models and the shipped ones', { value: 'DIR' }),
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
    const { runEvaluate } = await import('../lib/train/run-evaluate.ts')
    await runEvaluate(ctx.args[0] as string, ctx.flags, ctx.home, process.stdout.isTTY === true, out)
  },
})
