import { tool } from '../lib/cli/command.ts'
import { evaluateFlags } from '../lib/train/evaluate/evaluate-flags.ts'

export default tool({
  name: 'evaluate',
  summary: 'Measure probabilities or models against what happened',
  details:
    'FILE is Parquet, CSV, NDJSON or the folder of train-export (its test part). --prob ' +
    'names a column of probabilities, --score one of any numbers that order the rows, ' +
    '--value one of forecasts of a number, from whatever made them; --model runs a bundle ' +
    'on the columns of its features, or on lines of features whose label part or field is ' +
    '--label, tensors included.\n\n' +
    'A head of classes is judged by log loss, macro F1 and the AUC of each class, one of a ' +
    'number by MAE, RMSE, R² and Spearman.\n\n' +
    '--against is a second column or model, compared on the same rows: difference of Brier ' +
    'scores (log loss of classes, squared error of numbers) with its paired bootstrap ' +
    'interval, DeLong and exact McNemar, and the verdict better, worse or underpowered.\n\n' +
    'Rows that a model was trained on flatter it: give it later ones. One metric a line, ' +
    'with 95 % intervals; --group draws whole tokens.',
  flags: evaluateFlags,
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
